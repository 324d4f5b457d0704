"""What the agent does by the clock, and how it went: on the page, in the report, and again on request."""
