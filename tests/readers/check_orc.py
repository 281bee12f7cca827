"""Writes ORC files with pyarrow, converts them, and compares every value with what pyarrow reads of them.

    check_orc.py COLONNADE FOLDER

Every codec, both versions of the runs, with and without dictionaries, of none, one and several stripes.
"""

import datetime
import decimal
import itertools
import pathlib
import random
import subprocess
import sys

import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet

UTC = datetime.timezone.utc


def table(count):
    some = random.Random(count)

    def column(kind, value):
        return pa.array([None if some.random() < 0.2 else value(row) for row in range(count)], kind)

    def day():
        return datetime.datetime(1890, 1, 1) + datetime.timedelta(seconds=some.randint(0, 6 * 10**9))

    def part():
        return datetime.timedelta(microseconds=some.choice([0, 500_000, some.randint(0, 999_999)]))

    def number(digits, scale):
        return decimal.Decimal(some.randint(-(10**digits), 10**digits)).scaleb(-scale, decimal.Context(prec=60))

    def text(longest):
        return "".join(some.choice('abcé漢🙂"\n,') for _ in range(some.randint(0, longest)))

    def outlier(least, most):
        return some.randint(-30, 30) if some.random() < 0.97 else some.randint(least, most)

    place = pa.struct([("a", pa.int64()), ("b", pa.string()), ("c", pa.struct([("d", pa.list_(pa.bool_()))]))])
    item = pa.struct([("p", pa.int32()), ("q", pa.list_(pa.string()))])
    return pa.table(
        {
            "row": pa.array(range(count), pa.int64()),
            "bool": column(pa.bool_(), lambda _: some.random() < 0.5),
            "i8": column(pa.int8(), lambda _: some.randint(-128, 127)),
            "i16": column(pa.int16(), lambda _: some.randint(-(2**15), 2**15 - 1)),
            "i32": column(pa.int32(), lambda _: some.randint(-(2**31), 2**31 - 1)),
            "i64": column(pa.int64(), lambda row: some.choice([some.randint(-(2**63), 2**63 - 1), row, 5])),
            "down": pa.array([10**6 - row * some.randint(1, 3) for row in range(count)], pa.int64()),
            "patched": pa.array([outlier(-(10**6), 10**12) for _ in range(count)], pa.int64()),
            "patched_below": pa.array([outlier(-(10**12), 10**6) for _ in range(count)], pa.int64()),
            "f32": column(pa.float32(), lambda _: some.random() * 1e5),
            "f64": column(pa.float64(), lambda _: some.random() * 1e200),
            "text": column(pa.string(), lambda _: text(12)),
            "word": column(pa.string(), lambda _: some.choice(["red", "green", "blü", ""])),
            "bytes": column(pa.binary(), lambda _: some.randbytes(some.randint(0, 9))),
            "date": column(pa.date32(), lambda _: day().date()),
            "wall": column(pa.timestamp("us"), lambda _: day() + part()),
            "instant": column(pa.timestamp("us", "UTC"), lambda _: (day() + part()).replace(tzinfo=UTC)),
            "price": column(pa.decimal128(12, 2), lambda _: number(9, 2)),
            "wide": column(pa.decimal128(38, 10), lambda _: number(37, 10)),
            "list": column(pa.list_(pa.int32()), lambda _: [some.choice([None, 7]) for _ in range(some.randint(0, 4))]),
            "map": column(pa.map_(pa.string(), pa.float64()), lambda _: [(f"k{k}", some.choice([None, 0.5])) for k in range(some.randint(0, 3))]),
            "struct": column(place, lambda row: {"a": some.choice([None, row]), "b": text(2), "c": some.choice([None, {"d": [True, None]}])}),
            "structs": column(pa.list_(item), lambda _: [{"p": k, "q": None if k % 2 else [str(k)] * k} for k in range(some.randint(0, 3))]),
            "null": pa.array([None] * count, pa.int32()),
        }
    )


def main():
    colonnade, folder = sys.argv[1:]
    folder = pathlib.Path(folder)
    tables = {count: table(count) for count in (0, 1, 700, 4000)}
    codecs = ["uncompressed", "snappy", "zlib", "lz4", "zstd"]
    files = list(itertools.product(codecs, ["0.11", "0.12"], [0.0, 1.0], tables))
    for codec, version, threshold, count in files:
        source, result = folder / "input.orc", folder / "output.parquet"
        stripe = 60_000 if count > 1000 else 64 << 20
        pa.orc.write_table(
            tables[count], source, compression=codec, file_version=version, dictionary_key_size_threshold=threshold, stripe_size=stripe
        )
        result.unlink(missing_ok=True)
        subprocess.run([colonnade, "convert", source, "-o", result], check=True, capture_output=True)
        theirs, ours = pa.orc.read_table(source), pa.parquet.read_table(result)
        assert theirs.column_names == ours.column_names and theirs.num_rows == ours.num_rows, (theirs.shape, ours.shape)
        for name in theirs.column_names:
            wanted = theirs[name]
            if pa.types.is_timestamp(wanted.type):
                wanted = wanted.cast(pa.timestamp("us", wanted.type.tz), safe=False)
            pairs = zip(wanted.to_pylist(), ours[name].to_pylist())
            wrong = [(row, *pair) for row, pair in enumerate(pairs) if pair[0] != pair[1]]
            assert not wrong, (codec, version, threshold, count, name, len(wrong), wrong[:3])
    print(f"{len(files)} ORC files as pyarrow reads them")


main()
