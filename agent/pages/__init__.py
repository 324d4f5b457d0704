"""The page for the clerk: rendered here, kept fresh by a little JavaScript, without a build step."""
