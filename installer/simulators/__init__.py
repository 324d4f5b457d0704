"""Programs that stand in for the platforms we talk to. They import nothing of domain, cloud, agent or drivers."""
