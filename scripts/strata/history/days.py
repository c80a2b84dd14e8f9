"""Days of the calendar."""

from datetime import date, timedelta


def month_ends(first: date, last: date) -> list[date]:
    """The last day of each month from `first`'s month on, up to `last`."""
    ends = []
    month = first.replace(day=1)
    while True:
        month = (month + timedelta(days=31)).replace(day=1)
        end = month - timedelta(days=1)
        if end > last:
            return ends
        ends.append(end)


def end_of_month(day: date) -> date:
    """The last day of the day's month."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
