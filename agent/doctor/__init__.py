"""What the doctor looks at and says: `yaolink-agent doctor`, the page /doctor (docs/doctor.md)."""
