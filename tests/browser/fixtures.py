"""Makes small files of the formats that take a program to make.

    fixtures.py FOLDER

Each holds the rows 01, Ada, 1 and 02, Zoë, null, in columns id, name and n; of the packed ones the member is people.csv.
"""

import bz2
import gzip
import io
import lzma
import pathlib
import sys
import tarfile
import zipfile

import pyarrow as pa
import pyarrow.feather
import pyarrow.ipc
import pyarrow.orc
import pyarrow.parquet

folder = pathlib.Path(sys.argv[1])
CSV = "id,name,n\n01,Ada,1\n02,Zoë,\n".encode()
table = pa.table({"id": ["01", "02"], "name": ["Ada", "Zoë"], "n": pa.array([1, None], pa.int64())})


def write(name, content):
    (folder / name).write_bytes(content)


def archive(*members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED)
    return out.getvalue()


def sheet(rows):
    def cell(value):
        return f"<c><v>{value}</v></c>" if isinstance(value, int) else f'<c t="inlineStr"><is><t>{value}</t></is></c>'

    lines = "".join("<row>" + "".join(cell(value) for value in row) + "</row>" for row in rows)
    return f'<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData></worksheet>'


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
PEOPLE = [("id", "name", "n"), ("01", "Ada", 1), ("02", "Zoë")]
PRICES = [("what", "price"), ("tea", 3), ("milk", 2), ("bread", 4)]


def workbook(**sheets):
    names = list(sheets)
    listed = "".join(f'<sheet name="{name}" sheetId="{k}" r:id="r{k}"/>' for k, name in enumerate(names, 1))
    linked = "".join(f'<Relationship Id="r{k}" Type="{LINKS}/worksheet" Target="worksheets/sheet{k}.xml"/>' for k in range(1, len(names) + 1))
    root = f'<Relationship Id="r1" Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/>'
    return archive(
        ("[Content_Types].xml", "<Types/>"),
        ("_rels/.rels", f'<Relationships xmlns="{PACKAGE}">{root}</Relationships>'),
        ("xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>{listed}</sheets></workbook>'),
        ("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}">{linked}</Relationships>'),
        *((f"xl/worksheets/sheet{k}.xml", sheet(rows)) for k, rows in enumerate(sheets.values(), 1)),
    )


def open_document(rows):
    def cell(value):
        kind = f'office:value-type="float" office:value="{value}"' if isinstance(value, int) else 'office:value-type="string"'
        return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"

    lines = "".join("<table:table-row>" + "".join(cell(value) for value in row) + "</table:table-row>" for row in rows)
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text"))
    content = f'<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="people">{lines}</table:table>'
    content += "</office:spreadsheet></office:body></office:document-content>"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    listed = f'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    return archive(("mimetype", kind), ("META-INF/manifest.xml", listed), ("content.xml", content))


def avro():
    """Avro's container with one block (Avro 1.12, Object Container Files)."""

    def number(n):
        n, out = n << 1, b""
        while n > 127:
            out, n = out + bytes([n & 127 | 128]), n >> 7
        return out + bytes([n])

    def text(value):
        value = value.encode()
        return number(len(value)) + value

    schema = '{"type":"record","name":"person","fields":[{"name":"id","type":"string"},{"name":"name","type":"string"},{"name":"n","type":["null","long"]}]}'
    rows = text("01") + text("Ada") + number(1) + number(1) + text("02") + text("Zoë") + number(0)
    sync = bytes(range(16))
    return b"Obj\x01" + number(1) + text("avro.schema") + text(schema) + number(0) + sync + number(2) + number(len(rows)) + rows + sync


def claims_gigabytes():
    """A stream of few bytes whose only column says of itself that it has 4 GB."""
    out = io.BytesIO()
    with pa.ipc.new_stream(out, pa.schema([("a", pa.int64())])) as stream:
        stream.write_batch(pa.record_batch({"a": list(range(7))}))
    return out.getvalue().replace((56).to_bytes(8, "little"), (4 << 30).to_bytes(8, "little"))


pa.parquet.write_table(table, folder / "people.parquet")
pa.feather.write_feather(table, str(folder / "people.arrow"))
with pa.ipc.new_stream(folder / "people.arrows", table.schema) as stream:
    stream.write_table(table)
write("people.avro", avro())
pa.orc.write_table(table, folder / "people.orc", compression="zstd")
write("people.xlsx", workbook(people=PEOPLE))
write("people.ods", open_document(PEOPLE))
write("two-sheets.xlsx", workbook(people=PEOPLE, prices=PRICES))
write("people.csv.gz", gzip.compress(CSV))
write("people.csv.bz2", bz2.compress(CSV))
write("people.csv.xz", lzma.compress(CSV))
write("people.csv.zst", pa.compress(CSV, codec="zstd", asbytes=True))
write("people.csv.lz4", pa.compress(CSV, codec="lz4", asbytes=True))
write("people.zip", archive(("people.csv", CSV)))
with tarfile.open(folder / "people.tar", "w") as tar:
    member = tarfile.TarInfo("people.csv")
    member.size = len(CSV)
    tar.addfile(member, io.BytesIO(CSV))
write("claims.arrows", claims_gigabytes())
