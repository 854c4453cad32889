from api.terminal import tell_error
from api.words import Words
from geo.errors import Fault, LayerError


def test_kinds_of_faults_beyond_twenty_are_counted(capsys):
    faults = [Fault("made up", f"rule {kind}", "none") for kind in range(25) for _ in range(3)]
    tell_error(LayerError(faults), words=Words.load(), language="en")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 22
    assert lines[1] == "  made up: expected rule 0, got none (and 2 more like it)"
    assert lines[-1].strip() == "and faults of 5 other kinds"
