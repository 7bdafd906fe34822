"""Words: skill names in free text, and which skill of a vocabulary each of them means."""
