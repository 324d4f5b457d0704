"""Recording the clips of packaged speech."""
