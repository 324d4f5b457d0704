"""The benchmarks in their short form: their counts must hold; their times are never judged here."""

import json
import subprocess
import sys

import pytest

FIGURES = {
    "order_to_paper": {"orders", "lost", "p50_ms", "p99_ms", "bare_p50_ms", "ratio"},
    "intake": {"orders_per_s", "p99_ms", "cpu_ms_per_order", "rows_per_order", "commit_per_order_per_s", "lost"},
    "agent_idle": {"rss_mb", "cpu_percent", "start_s"},
    "print_load": {"orders", "lost", "doubled", "p50_ms", "p99_ms", "healthy_delay_ms"},
    "print_text": {"names", "replaced", "split", "torn", "native_share", "escpos_replaced_share"},
    "print_faults": {
        *("slips", "fault_kinds", "kills", "false_printed", "unmarked_duplicates", "lost", "unknown_share"),
        *("unknown_in_flight", "escpos_false_ok", "control_caught"),
    },
    "print_codes": {"slips", "decoded", "escpos_decoded"},
    "scan_serial": {"scans", "lost", "merged", "split", "doubled", "mixed", "stalled", "unplugged", "readline_lost"},
    "scan_codes": {"misfiled", "biip_misfiled", "silent_wrong_lots", "biip_silent_wrong_lots", "uncaught"},
    "scan_keys": {"scans", "wrong", "words", "false_scans"},
    "pick_rules": {
        *("sequences", "released", "illegal_releases", "unnamed_refusals", "needless_refusals", "fefo_mismatches"),
        *("mutants", "mutants_caught"),
    },
    "kill_campaign": {
        *("kills", "lost", "doubled", "slips_doubled", "diverged", "orders", "operations", "packs", "papers"),
        *("converged_s_max", "mutants", "mutants_caught", "bound_ppm"),
    },
    "power_loss": {
        *("images", "bad", "control_bad", "different", "started", "promises", "bound_ppm", "mutants", "mutants_caught"),
    },
    "push_latency": {"orders", "lost", "p50_ms", "p99_ms", "every_second_p50_ms"},
    "streams": {"clients", "lost", "kb_each", "idle_core_percent", "push_p99_ms", "bare_kb_each"},
    "herd": {"clients", "lost", "back_99_s", "health_p99_ms", "every_second_health_p99_ms"},
    "drain": {"operations", "seconds", "doubled", "lost", "poison_delay_ms", "mutants", "mutants_caught"},
    "beside_mqtt": {
        *("our_p50_ms", "our_p99_ms", "our_kb_each", "our_lost", "our_doubled"),
        *("mqtt_p50_ms", "mqtt_p99_ms", "mqtt_kb_each", "mqtt_lost", "mqtt_doubled"),
    },
    "snapshots": {
        "skus",
        "orders",
        "store_kb",
        "catalogue_kb",
        "build_s",
        "load_s",
        "seconds_at_20_mbit",
        "rows",
        "lost",
    },
    "scan_verdict": {"scans", "p50_ms", "p99_ms", "bare_p99_ms", "unheard", "lost_after_kill"},
}
NONE = (
    *("lost", "doubled", "merged", "mixed", "replaced", "split", "torn", "false_printed", "too_early"),
    *("unmarked_duplicates", "misfiled", "silent_wrong_lots", "uncaught", "wrong"),
    *("slips_doubled", "diverged", "bad", "our_lost", "our_doubled"),
    *("illegal_releases", "unnamed_refusals", "needless_refusals", "fefo_mismatches", "unheard", "lost_after_kill"),
)
"""What no benchmark may ever count, where it counts it."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", sorted(FIGURES))
def test_figures_come_and_nothing_is_lost(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", "--short", "--json"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.strip().splitlines()[-1])
    assert FIGURES[name] <= set(figures)
    assert [count for count in NONE if figures.get(count, 0) != 0] == []
    assert figures.get("mutants") == figures.get("mutants_caught")
    assert figures.get("released", 1) > 0
    assert "decoded" not in figures or figures["decoded"] == figures["slips"]
    assert figures.get("native_share", 1) >= 0.99
    if name == "print_faults":
        assert (figures["kills"], figures["control_caught"]) == (16, 2)
        assert figures["fault_kinds"] >= 14 and figures["papers"] > 40
    if name == "scan_serial":
        assert (figures["scans"] + figures["stalled"], figures["unplugged"]) == (2658, 30)
        assert figures["readline_lost"] > 0, "the plain reader stands for what this benchmark must catch"
    if name == "scan_codes":
        assert min(figures[count] for count in ("biip_misfiled", "biip_silent_wrong_lots", "control_caught")) > 0
        assert figures["doubted_share"] <= 0.01
    if name == "scan_verdict":
        assert min(figures[name] for name in ("good", "heard_before_kills", "sold_elsewhere")) > 0
    if name == "drain":
        assert figures["operations"] >= 1000 and figures["poisoned"] == 3
    if name == "power_loss":
        assert figures["images"] >= 1000 and figures["control_bad"] > 0
        assert figures["different"] > 300 and figures["started"] >= 40 and figures["promises"] > 100
    if name == "kill_campaign":
        assert figures["kills"] >= 30 and figures["mutants"] >= 3
        assert min(figures["orders"], figures["packs"], figures["papers"]) >= 10
        assert figures["converged_s_max"] <= 120
    if name == "beside_mqtt":
        assert figures["our_orders"] == figures["mqtt_orders"] >= 60
        assert figures["mqtt_shipped_lost"] > 0, "Debian's settings forget at a kill: the count must see it"
    assert figures.get("false_scans", 0) <= 1
