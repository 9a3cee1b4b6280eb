"""Pure statistics: intervals of 95 % confidence for the difference between two groups.

- The difference of two rates: Newcombe's hybrid score interval, of Wilson's intervals of both (Newcombe,
  Statistics in Medicine 17, 1998, method 10). It holds for small groups and for rates near 0 and 1.
- The difference of two means: Welch's interval, whose degrees of freedom are Satterthwaite's (Welch,
  Biometrika 34, 1947). Revenue is skewed, so that it wants some dozens of members in each group.
- The quantiles of Student's t are those of the normal distribution, corrected by the Cornish-Fisher expansion
  (Abramowitz and Stegun, 26.7.5), to 0.3 % from 3 degrees of freedom on.
"""

import math
from statistics import NormalDist

from app.offer_reports.model import Estimate, Group, Lift

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
FEWEST = 2  # members of a group whose revenue can be told to vary


def lift_of(given: Group, held_out: Group) -> Lift:
    """What being given coupons changed."""
    if not given.members or not held_out.members:
        return Lift(None, None)
    buying = difference_of_rates(given.buyers, given.members, held_out.buyers, held_out.members)
    revenue = difference_of_means(given, held_out)
    return Lift(
        Estimate(given.rate - held_out.rate, *buying, _relative(given.rate, held_out.rate)),
        revenue and Estimate(given.mean - held_out.mean, *revenue, _relative(given.mean, held_out.mean)),
    )


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Where the chance lies, by so many successes of at least one trial."""
    rate = successes / trials
    shrunk = 1 + Z**2 / trials
    centre = (rate + Z**2 / (2 * trials)) / shrunk
    half = Z / shrunk * math.sqrt(rate * (1 - rate) / trials + Z**2 / (4 * trials**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def difference_of_rates(
    successes: int, trials: int, other_successes: int, other_trials: int
) -> tuple[float, float]:
    """Where the difference of two chances lies."""
    rate, other = successes / trials, other_successes / other_trials
    low, high = wilson(successes, trials)
    other_low, other_high = wilson(other_successes, other_trials)
    difference = rate - other
    return (
        difference - math.hypot(rate - low, other_high - other),
        difference + math.hypot(high - rate, other - other_low),
    )


def difference_of_means(one: Group, other: Group) -> tuple[float, float] | None:
    """Where the difference of two means of revenue lies; None where a group is too small."""
    if min(one.members, other.members) < FEWEST:
        return None
    parts = [each.variance / each.members for each in (one, other)]
    error = sum(parts)
    difference = one.mean - other.mean
    if error == 0:
        return difference, difference
    freedom = error**2 / (parts[0] ** 2 / (one.members - 1) + parts[1] ** 2 / (other.members - 1))
    half = student(freedom) * math.sqrt(error)
    return difference - half, difference + half


def student(freedom: float) -> float:
    """How many standard errors reach to 95 % on both sides, with so many degrees of freedom, at least 1."""
    terms = (
        (Z**3 + Z) / 4,
        (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96,
        (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384,
        (79 * Z**9 + 776 * Z**7 + 1482 * Z**5 - 1920 * Z**3 - 945 * Z) / 92_160,
    )
    return Z + sum(term / freedom**power for power, term in enumerate(terms, start=1))


def _relative(value: float, other: float) -> float | None:
    return value / other - 1 if other else None
