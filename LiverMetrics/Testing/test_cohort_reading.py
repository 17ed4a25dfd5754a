"""Reading cohort tables: what is understood, and each kind of bad table in one plain sentence."""

from __future__ import annotations

import math

import pytest

from LiverMetricsLib.cohort import CohortError, cohort_from_rows, read_cohort


@pytest.fixture
def read(tmp_path):
    """Function: text or bytes of a file to its cohort."""

    def read_text(content):
        path = tmp_path / "cohort.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return read_cohort(path)

    return read_text


def test_keys_measures_and_regions(read):
    cohort = read(
        "Case,method,dice,hd_mm,regions,comment\n"
        "P1,cnn,0.95,inf,IVC; portal vein;IVC,good\n"
        "P2,cnn,nan,,,\n"
        "P3,cnn,NA,3e1,NA,\n"
    )
    first, second, third = cohort.rows
    assert (first.case, first.method, first.observer, first.line) == ("P1", "cnn", "", 2)
    assert dict(first.values) == {"dice": 0.95, "hd_mm": math.inf}
    assert first.regions == ("IVC", "portal vein")
    assert set(second.values) == {"dice"} and math.isnan(second.values["dice"])
    assert second.regions == ()  # no correction; NA: nobody looked
    assert third.regions is None and dict(third.values) == {"hd_mm": 30.0}
    assert cohort.measures == ("dice", "hd_mm") and cohort.cases == ("P1", "P2", "P3")
    assert any("comment" in warning for warning in cohort.warnings)


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffcase,dice\nP1,0.95\n",  # Excel's CSV UTF-8
        "case,dice\r\nP1,0.95\r\n,\r\n",  # an empty row at the end
        "case,dice,,\rP1,0.95,,\r",  # old line ends, empty columns
        "case;dice\nP1;0,95\n",
        "sep=;\ncase;dice\nP1;0,95\n",
        "case\tdice\nP1\t0,95\n".encode("utf-16"),  # Excel's Unicode text
        'case,dice,note\n"P1",.95,"a\nb"\n',
    ],
)
def test_what_spreadsheets_write_is_read_right(read, content):
    (row,) = read(content).rows
    assert row.case == "P1" and dict(row.values) == {"dice": 0.95}


def test_decimal_commas_are_told(read):
    assert any("comma" in warning for warning in read("case;dice\nP1;0,95\n").warnings)
    assert not read("case;dice\nP1;0.95\n").warnings


@pytest.mark.parametrize(
    ("content", "error_id", "words"),
    [
        ("", "empty-table", ["is empty"]),
        ("\n \n", "empty-table", ["is empty"]),
        ("case,dice\n", "empty-table", ["row 1", "no rows"]),
        ("patient,dice\nP1,0.9\n", "no-case-column", ["row 1", "'case'", "patient, dice"]),
        ("case,comment\nP1,good\n", "no-measure-column", ["row 1", "'dice'"]),
        ("case\nP1\n", "no-measure-column", ["row 1"]),
        ("case,dice,Dice\nP1,0.9,0.8\n", "bad-header", ["row 1", "'dice'", "columns 2 and 3"]),
        ("case,,dice\nP1,x,0.8\n", "bad-header", ["row 1", "column 2"]),
        ("case,dice\nP1,0.9\n,0.8\n", "missing-case", ["row 3", "'case'"]),
        ("case,dice\nP1,0.9\n\nP2,good\n", "text-in-number-column", ["row 4", "'dice'", "'good'"]),
        ("case,age\nP1,9\nP2,old\n", "text-in-number-column", ["row 3", "'age'", "'old'"]),
        ("case,dice\nP1,0.9 %\n", "text-in-number-column", ["row 2", "'dice'"]),
        ("case,hd_mm\nP1,1_0\n", "text-in-number-column", ["row 2", "'1_0'"]),
        ("case,hd_mm\nP1,1e999\n", "text-in-number-column", ["row 2", "'1e999'"]),
        ("case,dice\nP1,95\n", "value-out-of-range", ["row 2", "'dice'", "percent"]),
        ("case,hd_mm\nP1,-1\n", "value-out-of-range", ["row 2", "'hd_mm'", "at least 0"]),
        ("case,age\nP1,1e30\n", "value-out-of-range", ["row 2", "'age'"]),
        ("case,dice\nP1,0,9\n", "uneven-row", ["row 2", "3 cells", "decimal comma"]),
        ("case,method,dice\nP1,cnn\n", "uneven-row", ["row 2", "2 cells"]),
        ('case,dice\nP1,"0,9"\n', "mixed-decimals", ["row 2", "'dice'", "'0,9'"]),
        ("case;dice\nP1;0,9\nP2;0.8\n", "mixed-decimals", ["row 2", "row 3", "'dice'"]),
        ("case,method,dice\nP1,CNN,.9\nP1,cnn,.8\n", "ambiguous-name", ["rows 2 and 3", "'method'"]),
        ("case,method,dice\nP1,cnn,.9\nP1,cnn,.8\n", "duplicate-row", ["rows 2 and 3", "'P1'", "'cnn'"]),
        ('case,dice\nP1,"0.9\n', "unreadable-table", ["quotation mark"]),
        (b"PK\x03\x04rest", "unreadable-table", ["spreadsheet", "CSV UTF-8"]),
        (b"case,dice\nP\x001,0.9\n", "unreadable-table", ["no text"]),
        ("case,method,dice\nP1,H\xe4ndisch,0.9\n".encode("latin-1"), "wrong-encoding", ["row 2", "column 2"]),
    ],
)
def test_a_bad_table_is_one_sentence_that_names_file_row_and_column(read, tmp_path, content, error_id, words):
    with pytest.raises(CohortError) as caught:
        read(content)
    message = str(caught.value)
    assert caught.value.id == error_id
    assert message.startswith(str(tmp_path / "cohort.csv")) and "\n" not in message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("case,volume_test_ml,volume_reference_cm3\nP1,1500,1500\n", ["row 1", "'volume_reference_cm3'"]),
        ("case,volume_ml,volume_l\nP1,1500,1.5\n", ["row 1", "'volume_ml'", "'volume_l'"]),
        ("case,volume_mm3\nP1,1500000\n", ["row 1", "multiply it by 0.001", "'volume_ml'"]),
        ("case,hd_mm,hd_cm\nP1,10,1\n", ["row 1", "'hd_mm'", "'hd_cm'"]),
        ("case,method,volume_ml\nP1,a,1500\nP1,b,1.48\n", ["row 3", "row 2", "'P1'", "factor of 1014"]),
        ("case,volume_test_ml,volume_reference_ml\nP1,1.5,1480\n", ["row 2", "'volume_test_ml'"]),
        ("case,method,volume_ml,dice\nP1,a,1500,.9\nP1,b,1.5,.9\n", ["row 3", "'volume_test_ml'"]),
        ("case,method,volume_ml\nP1,a,1500\nP1,b,1500000\n", ["row 2", "row 3"]),
        ("case,method,hd_mm\nP1,a,25\nP1,b,0.024\n", ["row 3", "'hd_mm'", "factor of 1042"]),
    ],
)
def test_mixed_units_name_both_places(read, content, words):
    with pytest.raises(CohortError) as caught:
        read(content)
    assert caught.value.id == "mixed-units"
    for word in words:
        assert word in str(caught.value)


def test_a_mask_that_misses_the_liver_is_no_mix_of_units(read):
    cohort = read("case,method,volume_test_ml,volume_reference_ml,dice\nP1,a,1.5,1500,0.001\n")
    assert cohort.rows[0].values["volume_ratio"] == pytest.approx(0.001)


def test_a_folder_and_a_name_that_is_not_there(tmp_path):
    for path, error_id in ((tmp_path, "unreadable-table"), (tmp_path / "no.csv", "file-not-found")):
        with pytest.raises(CohortError, match="csv|cannot be read") as caught:
            read_cohort(path)
        assert caught.value.id == error_id and str(path) in str(caught.value)


def test_one_mask_has_one_volume_however_often_it_was_compared(read):
    table = "case,method,reference,volume_ml,dice\nP1,cnn,manual,1500,.9\nP1,cnn,corrected,{},.95\n"
    cohort = read(table.format(1500) + "P1,manual,,1400,\nP1,corrected,,1450,\n")
    assert [row.against for row in cohort.rows[:2]] == ["manual", "corrected"]
    with pytest.raises(CohortError, match="rows 2 and 3, column 'volume_test_ml'") as caught:
        read(table.format(1600) + "P1,manual,,1400,\nP1,corrected,,1450,\n")
    assert caught.value.id == "contradicting-rows"


def test_a_reference_is_a_name_only_if_it_is_no_file_of_one_patient(read):
    references = ("a/P1.nii.gz", "a/P2.nii.gz", "consensus", "consensus")
    lines = [f"P{number},.9,{reference}" for number, reference in enumerate(references)]
    cohort = read("\n".join(["case,dice,reference", *lines]))
    assert [row.against for row in cohort.rows] == ["", "", "consensus", "consensus"]


def test_ratio_and_differences_follow_from_volumes(read):
    cohort = read("case,volume_test_ml,volume_reference_ml\nP1,1100,1000\nP2,5,0\nP3,5,\n")
    first, second, third = (row.values for row in cohort.rows)
    assert first["volume_ratio"] == pytest.approx(1.1)
    assert first["volume_difference_ml"] == 100
    assert first["volume_difference_percent"] == pytest.approx(10)
    assert math.isnan(second["volume_ratio"]) and math.isnan(second["volume_difference_percent"])
    assert set(third) == {"volume_test_ml"}
    assert any("volume_ratio" in warning for warning in cohort.warnings)


def test_rows_without_any_measure_are_told(read):
    cohort = read("case,dice\nP1,0.9\nP2,\n")
    assert any("row" in warning and "3" in warning for warning in cohort.warnings)


def test_rows_in_memory_and_data_frames():
    class NAType:
        """As pandas's missing value: without truth or float."""

    rows = [
        {"case": 1, "dice": 0.9, "regions": ["IVC", "PV"], "method": None},
        {"case": 2.0, "dice": "0.8", "score": NAType()},
    ]
    frame = type("Frame", (), {"to_dict": lambda self, how: rows if how == "records" else None})()
    for given in (rows, iter(rows), frame):
        cohort = cohort_from_rows(given, source="my rows")
        assert [row.case for row in cohort.rows] == ["1", "2"]
        assert [row.values["dice"] for row in cohort.rows] == [0.9, 0.8]
        assert cohort.rows[0].regions == ("IVC", "PV") and cohort.measures == ("dice",)
    with pytest.raises(CohortError, match="my rows, row 3, column 'dice': 'x'"):
        cohort_from_rows([{"case": 1, "dice": 0.9}, {"case": 2, "dice": "x"}], source="my rows")
    with pytest.raises(CohortError, match="row 2: a row is a mapping"):
        cohort_from_rows([("P1", 0.9)])
    with pytest.raises(CohortError, match="is empty"):
        cohort_from_rows([])


def test_rows_measured_in_different_ways_are_told(read):
    cohort = read("case,dice,family,tolerance_mm\nP1,0.9,voxel,2\nP2,0.8,surfel,2\n")
    assert cohort.measures == ("dice",)
    assert cohort.measured_by == ("family: surfel, voxel", "tolerance_mm: 2")
    (warning,) = cohort.warnings
    assert "'family'" in warning and "not comparable" in warning
