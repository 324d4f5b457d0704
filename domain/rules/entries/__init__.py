"""The entries of the book, by family. Sentences say what to do; both languages take the same words in {braces}."""
