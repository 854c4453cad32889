"""The attack on the public overlay, over HTTP: the small version of `attack_figures`."""

from dataclasses import replace

import numpy as np
import pytest

from analytics import _overlay_noise
from tests.analytics.overlay_attack import key_of
from tests.api.public.attack_figures import (
    Worlds,
    attack,
    bands_of,
    begin,
    daily,
    differences,
    keep,
    service,
)

SHOWN = {f"$.features[].properties.{name}" for name in ("band", "label_th", "label_en")}


@pytest.fixture(scope="module")
def worlds(old_town):
    return Worlds(old_town, count=12)


@pytest.mark.slow
def test_a_year_of_answers_is_the_noisy_bands_and_nothing_else(worlds):
    """Each answer is what the attackers compute from the secret; between windows nothing moves."""
    year = worlds.year
    edges = {day + step for day in year.windows for step in (-1, 0, 1)}
    days = sorted((edges | set(range(0, 365, 30))) & set(range(365)))
    answers = daily(worlds, days, key_of(7))
    noisy = year.sums(worlds.zone.incidents) + year.noises([key_of(7)])[0]
    bands = year.bands(noisy)
    contents, tags = {}, {}
    for day, answer in answers.items():
        window = int(year.window_of_day[day])
        assert bands_of(answer.json()) == list(bands[window])
        assert contents.setdefault(window, answer.content) == answer.content
        assert tags.setdefault(window, answer.headers["etag"]) == answer.headers["etag"]
    assert len(contents) == len(year.windows)


def test_an_incident_more_shows_in_nothing_but_bands(worlds):
    """With one secret, what the endpoint says of the two worlds differs in bands or not at all."""
    documents = []
    for known in worlds.incidents:
        zone = replace(worlds.zone, name="here", incidents=known)
        with service(["here"]) as (store, client):
            begin(store, "here", worlds.year, key_of(3))
            day = worlds.year.days[0].day
            answer = keep(store, client, zone, day).json()
            base = str(client.base_url).rstrip("/")
            links = [link["href"].removeprefix(base) for link in answer["links"]]
            assert all(link.startswith("/zones/here/public/v1/") for link in links)
            answer["links"] = links
            documents.append(answer)
    assert differences(*documents) <= SHOWN


def test_the_comparison_of_documents_finds_what_differs():
    one = {"features": [{"properties": {"band": "good", "synthetic": True}}], "a": [1, 2]}
    other = {"features": [{"properties": {"band": "good", "synthetic": False}}], "a": [1]}
    assert differences(one, other) == {"$.features[].properties.synthetic", "$.a"}


@pytest.mark.slow
def test_without_noise_the_answers_would_tell(old_town, monkeypatch):
    """The planted fault: no noise, and so many incidents that bands must follow them."""
    monkeypatch.setattr(_overlay_noise, "noise_sd", lambda _budget: 1e-9)
    monkeypatch.setattr("tests.api.public.attack_figures.KEYS_LEARNT", 3)
    told = Worlds(old_town, count=250, everywhere=True)
    if np.array_equal(*(told.year.bands(told.year.sums(known)) for known in told.incidents)):
        pytest.fail("the incidents move no band, so that the attack sees nothing")
    assert attack(told, 2) == 1.0
