"""Who speaks: real agents and a real hub, over real sockets and files."""
