"""Noise that hides one incident, and that comes out the same whenever it is drawn again.

Gaussian differential privacy: Dong, J., Roth, A. and Su, W. J. (2022), "Gaussian differential
privacy", Journal of the Royal Statistical Society B 84 (1), 3-37. Where two worlds shift the
released sums by at most `SENSITIVITY` (Euclidean) and each sum carries Gaussian noise of standard
deviation `SENSITIVITY / budget`, telling the worlds apart is no easier than telling N(0, 1) from
N(budget, 1): whoever guesses, by whatever means, is right with probability at most
Phi(budget / 2). What is computed from the released sums adds nothing to that.

Noise is drawn from HMAC-SHA-256 (RFC 2104) through the inverse of the normal distribution and not
from a generator of numpy, whose distributions may change from one version to the next: a window
released again after an update would then carry a second noise, and two of them average.
"""

import hashlib
import hmac
import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]

# An incident adds at most 1 to the sums in all. One that is moved, in place or to another window,
# takes away as much as it adds: both at once are no longer than the square root of 2.
SENSITIVITY = math.sqrt(2.0)

# Noisy sums are rounded to so many decimals: the last bits of a float tell how it came about
# (Mironov, I. (2012), "On significance of the least significant bits for differential privacy",
# ACM Conference on Computer and Communications Security, 650-661).
SUM_DIGITS = 3

_WORD_BYTES = 8
_BITS = 52  # so that a double holds their number and a half exactly


def noise_sd(budget: float) -> float:
    """Return the standard deviation of the noise on each sum."""
    return SENSITIVITY / budget


def noisy_sums(exact: Floats, *, key: bytes, context: str, budget: float) -> Floats:
    """Add to exact sums the noise that hides one incident.

    Parameters
    ----------
    exact
        Incidents in each unit; each incident adds at most 1 in all.
    key
        Secret.
    context
        What the sums are of: the noise is the same for the same context.
    budget
        Privacy budget over all releases.

    Returns
    -------
    noisy
        Nothing in them is private; shape (units,).
    """
    noise = noise_sd(budget) * keyed_normals(key, context, len(exact))
    return np.asarray(np.round(exact + noise, SUM_DIGITS))


def keyed_normals(key: bytes, context: str, count: int) -> Floats:
    """Draw standard normal numbers that only the key tells, the same for the same context.

    Parameters
    ----------
    key
        Secret.
    context
        What the numbers are for.
    count
        How many.

    Returns
    -------
    normals
        Within 8.3 of 0, shape (count,).
    """
    blocks = -(-count * _WORD_BYTES // hashlib.sha256().digest_size)
    words = b"".join(
        hmac.digest(key, f"{context}|{block}".encode(), "sha256") for block in range(blocks)
    )
    bits = np.frombuffer(words, dtype=">u8", count=count) >> np.uint64(64 - _BITS)
    uniform = (bits.astype(np.float64) + 0.5) / 2.0**_BITS
    return np.asarray(ndtri(uniform), dtype=np.float64)
