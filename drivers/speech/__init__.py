"""Speaking Chinese: from clips that ship with the program, or with the voice of this computer."""
