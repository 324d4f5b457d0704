"""What lies beside the program in every package: which libraries are in it, under which licences, and a list of its
files."""
