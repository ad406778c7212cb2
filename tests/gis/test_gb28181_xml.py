"""Files of a platform: every encoding, and what hostile or broken files come to."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.errors import FileMissingError, FormatError
from gis.gb28181_xml import read_messages

# In GB 2312; in GBK but not in it; in GB 18030 only.
NAMES = ["沥海东路", "塆堽垾墈镕", "㙦𬇕"]


def message(*items: str, root: str = "Response", sn: str = "1", total: int | None = None) -> str:
    body = "".join(f"<Item>{item}</Item>" for item in items)
    count = len(items) if total is None else total
    return (
        f"<{root}><CmdType>Catalog</CmdType><SN>{sn}</SN><DeviceID>p</DeviceID>"
        f"<SumNum>{count}</SumNum><DeviceList Num='{len(items)}'>{body}</DeviceList></{root}>"
    )


def write(folder: Path, content: str | bytes, name: str = "a.xml") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def names_in(path: Path) -> list[str]:
    messages, _ = read_messages([path])
    return [item["name"] for found in messages for item in found.items]


@pytest.mark.parametrize("says", ["", "GB2312", "GBK", "GB18030", "UTF-8", "ISO-8859-1"])
@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("gb2312", NAMES[:1]),
        ("gbk", NAMES[:2]),
        ("gb18030", NAMES),
        ("utf-8", NAMES),
        ("utf-8-sig", NAMES),
        ("utf-16", NAMES),
    ],
)
def test_every_encoding_whatever_the_header_says(tmp_path, encoding, names, says):
    head = f'<?xml version="1.0" encoding="{says}"?>\n' if says else ""
    text = head + message(*(f"<Name>{name}</Name>" for name in names))
    assert names_in(write(tmp_path, text.encode(encoding))) == names


def test_several_messages_in_one_file(tmp_path):
    head = '<?xml version="1.0" encoding="GB2312"?>'
    other = "<Response><CmdType>DeviceInfo</CmdType><SN>3</SN></Response>"
    text = "\r\n".join(
        [head + message("<Name>a</Name>"), head + other, head + message("<Name>b</Name>", sn="2")]
    )
    messages, others = read_messages([write(tmp_path, text)])
    assert [m.sn for m in messages] == ["1", "2"]
    assert others == 1


def test_tags_in_any_case_nested_or_flat_with_name_space(tmp_path):
    text = (
        '<RESPONSE xmlns="urn:x"><cmdtype>CATALOG</cmdtype><sn>5</sn><DEVICEID>p</DEVICEID>'
        '<sumnum>1</sumnum><DeviceList NUM="1"><ITEM><deviceid>1</deviceid><Longitude/>'
        "<info><ptztype> 3 </ptztype><Deeper><RoomType>2</RoomType></Deeper></info>"
        "<DirectionType>4</DirectionType></ITEM></DeviceList></RESPONSE>"
    )
    (found,), others = read_messages([write(tmp_path, text)])
    assert found.items == (
        {"deviceid": "1", "ptztype": "3", "roomtype": "2", "directiontype": "4"},
    )
    assert (found.sn, found.device_id, found.total, found.stated) == ("5", "p", 1, 1)
    assert (found.notify, others) == (False, 0)


def test_a_notification_and_counts_that_are_no_numbers(tmp_path):
    text = message("<Name>a</Name>", root="Notify").replace("<SumNum>1", "<SumNum>many")
    (found,), _ = read_messages([write(tmp_path, text)])
    assert found.notify
    assert found.total is None


LAUGHS = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(9))
HOSTILE = {
    "a document type": "<!DOCTYPE Response>" + message("<Name>a</Name>"),
    "a file of the machine": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    + message("<Name>&x;</Name>"),
    "another host": '<!DOCTYPE r SYSTEM "http://192.0.2.1/x.dtd">' + message("<Name>a</Name>"),
    "a billion laughs": f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]>' + message("<Name>&l9;</Name>"),
    "an entity of nobody": message("<Name>&nbsp;</Name>"),
    "deep nesting": "<a>" * 100_000 + "</a>" * 100_000,
    "deep nesting inside an item": message("<Info>" * 100_000 + "</Info>" * 100_000),
    "one long field": message(f"<Name>{'很' * 1_000_000}</Name>"),
    "one long tag": f"<Response a='{'x' * 5_000_000}",
    "one long comment": f"<Response><!-- {'x' * 5_000_000}",
    "an attribute twice": message("<Name a='1' a='2'>a</Name>"),
    "cut short": message("<Name>a</Name>")[:-5],
    "two documents": message("<Name>a</Name>") * 2,
    "no XML": "code,name\n1,a\n",
    "a workbook": b"PK\x03\x04" + bytes(range(256)),
    "zero bytes inside": message("<Name>a\0b</Name>"),
    "many half declarations": "<?xml " * 200_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_and_broken_files_are_refused_at_once(tmp_path, name):
    path = write(tmp_path, HOSTILE[name])
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(FormatError, match=r"a\.xml"):
        read_messages([path])
    took_s, peak = time.process_time() - started, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert took_s < 5
    assert peak < 30_000_000


def test_a_file_of_200_megabytes_is_not_read(tmp_path):
    path = write(tmp_path, "<Response>")
    with path.open("r+b") as file:
        file.truncate(200_000_000)
    tracemalloc.start()
    with pytest.raises(FormatError, match="holds more than 20 MB: divide it by messages"):
        read_messages([path])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize("cut", [1, 2])
def test_utf8_that_is_cut_inside_a_character_is_not_taken_for_another_encoding(tmp_path, cut):
    whole = message(*(f"<Name>{name}</Name>" for name in NAMES * 10)).encode()
    at = whole.rindex("㙦".encode()) + cut
    with pytest.raises(FormatError, match=f"damaged or cut short at byte {at - cut}"):
        read_messages([write(tmp_path, whole[:at])])


def test_bytes_of_no_encoding(tmp_path):
    data = message("<Name>a</Name>").encode().replace(b"a</Name>", b"\xff\xff\xff</Name>")
    with pytest.raises(FormatError, match="neither UTF-8 nor GB 18030"):
        read_messages([write(tmp_path, data)])
    with pytest.raises(FormatError, match="has no bytes"):
        read_messages([write(tmp_path, b" \n")])


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileMissingError, match="cannot be opened"):
        read_messages([tmp_path / "gone.xml"])


WHOLE = message("<Name>沥海</Name><Info><PTZType>3</PTZType></Info>", "<Name>b</Name>").encode()


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)), st.binary(max_size=6))
def test_whatever_the_bytes_are_they_are_read_or_refused(tmp_path, start, end, instead):
    path = write(tmp_path, WHOLE[:start] + instead + WHOLE[end:])
    try:
        messages, others = read_messages([path])
    except FormatError as error:
        assert "a.xml" in str(error)
    else:
        assert len(messages) + others <= 2
