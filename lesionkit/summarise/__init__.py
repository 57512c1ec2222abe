"""Patients and readers to the numbers of a cohort."""
