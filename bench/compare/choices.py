"""What three choices of the layout cost, on the rows of a table: addresses as text or as numbers, rows a
group, rows a file, and Bloom filters. Sizes only. Run: python choices.py TABLE"""

import ipaddress
import pathlib
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

WRITE = {"compression": "zstd", "compression_level": 1, "write_statistics": True}


def size(table, path, **options):
    pq.write_table(table, path, **{**WRITE, **options})
    return path.stat().st_size


def as_number(column):
    """IPv4 addresses as 32 bits; others as null, so that the figure is in favour of numbers."""
    codes = column.combine_chunks().dictionary_encode()
    numbers = []
    for text in codes.dictionary.to_pylist():
        address = ipaddress.ip_address(text)
        numbers.append(int(address) if address.version == 4 else None)
    return pa.array(numbers, pa.uint32()).take(codes.indices)


def main():
    folder = pathlib.Path(sys.argv[1]) / "Flows"
    files = sorted(folder.rglob("*.parquet"))
    scratch = pathlib.Path(sys.argv[1]) / "choice.parquet"
    table = pa.concat_tables(pq.read_table(path, partitioning=None) for path in files)
    rows = table.num_rows
    print(f"{rows} rows, {len(files)} files")
    print(f"\n{'choice':58}bytes a row")

    def tell(name, total):
        print(f"{name:58}{total / rows:8.3f}")

    for column in ["SrcIp", "DestIp"]:
        text = table.select([column])
        number = pa.table({column: as_number(table[column])})
        tell(f"{column}: text, dictionary", size(text, scratch, row_group_size=131072))
        tell(f"{column}: number, dictionary", size(number, scratch, row_group_size=131072))
        tell(f"{column}: number, plain", size(number, scratch, row_group_size=131072, use_dictionary=False))
        delta = {"use_dictionary": False, "column_encoding": {column: "DELTA_BINARY_PACKED"}}
        signed = pa.table({column: pc.cast(number[column], pa.int64())})
        tell(f"{column}: number, differences", size(signed, scratch, row_group_size=131072, **delta))
    for group in [16384, 65536, 131072, 262144, 1048576]:
        tell(f"all columns, {group} rows a group", size(table, scratch, row_group_size=group))
    for parts in [1, 4, 16, 64]:
        step = -(-rows // parts)
        total = sum(size(table.slice(at, step), scratch, row_group_size=131072) for at in range(0, rows, step))
        tell(f"all columns, {parts} files", total)
    scratch.unlink()
    stored = footers = 0
    for path in files:
        meta = pq.ParquetFile(path).metadata
        stored += sum(
            meta.row_group(group).column(column).total_compressed_size
            for group in range(meta.num_row_groups)
            for column in range(meta.num_columns)
        )
        footers += meta.serialized_size
    whole = sum(path.stat().st_size for path in files)
    tell("ours: pages", stored)
    tell("ours: footers", footers)
    tell("ours: Bloom filters and page indexes", whole - stored - footers)


if __name__ == "__main__":
    main()
