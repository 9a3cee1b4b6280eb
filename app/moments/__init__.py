"""The moments at which members are given coupons unasked: birthdays, absences, searches, events."""
