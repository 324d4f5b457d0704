"""The ERP's own database: read-only views for what it sold, counted and received, one table for our documents."""
