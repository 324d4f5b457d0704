"""From the durable queue of slips (`agent.slips`) to paper: one owner thread per printer (design.md §7).

printer_set      the printers of the settings, each with its thread; `departures` of those that left
worker           that thread: `taking` a slip, its `delivery`, `errands` between two, its `connection`
routes           who takes which slip, pure; fed by `standing` (since when which printer is how) and `claims`
holding          why each slip that nobody can take waits
condition, view  how a printer is, as it last said
known            what is kept of a printer over restarts; `learning` keeps what its conversations teach
changing         adding, changing, removing by a person, after `trying` the address; `asking` one for something
finding          looking for printers, `nearby`; `relocating` follows one of ours to another address
api, finding_api, listing, spoken
                 all this for the page, other programs and the command line
"""
