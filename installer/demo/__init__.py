"""The whole product on one machine: a hub, two stores with virtual devices, and a platform that sends orders."""
