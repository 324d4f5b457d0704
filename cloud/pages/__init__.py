"""The hub's pages for headquarters: rendered here, kept live by one small script; in Chinese, or in English."""
