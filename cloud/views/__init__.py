"""What headquarters sees: reads for the operator's API and pages, alike for both. Nothing here writes."""
