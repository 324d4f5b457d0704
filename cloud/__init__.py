"""The hub: one chain's channels, stock, orders and stores."""
