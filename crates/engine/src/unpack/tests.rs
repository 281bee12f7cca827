use std::io::Write;

use super::*;

const TEXT: &[u8] = b"id,name\n1,Ada\n2,Liu\n";

fn budget(options: &[(&str, &str)]) -> Budget {
    Budget::new(options.iter().copied()).unwrap()
}

fn held(bytes: &[u8], name: &str) -> Contents {
    contents(bytes, name, 1000).unwrap().unwrap()
}

fn failure(bytes: &[u8]) -> ErrorInfo {
    contents(bytes, "x", 1000).unwrap_err()
}

/// What comes out of a member, and the damage that ended it.
fn unpacked_with(bytes: &[u8], member: &Member, budget: &mut Budget) -> Result<(Vec<u8>, Option<ErrorInfo>)> {
    let mut unpacking = Unpacking::new(bytes.share(), member)?;
    let (mut out, mut buffer) = (Vec::new(), vec![0; 7000]);
    loop {
        match unpacking.step(&mut buffer, budget)? {
            Step::Bytes(n) => out.extend_from_slice(&buffer[..n]),
            Step::End => return Ok((out, None)),
            Step::Damaged(error) => return Ok((out, Some(error))),
        }
    }
}

fn unpacked(bytes: &[u8], member: &Member) -> (Vec<u8>, Option<ErrorInfo>) {
    unpacked_with(bytes, member, &mut budget(&[])).unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn packed(codec: Codec, bytes: &[u8]) -> Vec<u8> {
    match codec {
        Codec::Stored => bytes.to_vec(),
        Codec::Deflate => deflate(bytes),
        Codec::Gzip => gzip(bytes),
        Codec::Zstd => {
            let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
            encoder.include_checksum(true).unwrap();
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        Codec::Bzip2 => {
            let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        Codec::Xz => {
            let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        Codec::Lz4 => {
            let info = lz4_flex::frame::FrameInfo::new().block_size(lz4_flex::frame::BlockSize::Max64KB).content_checksum(true);
            let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        Codec::Compress => compress::tests::compressed(bytes, 16, None),
    }
}

/// Those that say where they end.
const FILES: [(Codec, &str); 5] =
    [(Codec::Gzip, "gz"), (Codec::Zstd, "zst"), (Codec::Bzip2, "bz2"), (Codec::Xz, "xz"), (Codec::Lz4, "lz4")];

/// Text that no codec makes very small.
fn rows(count: u32) -> Vec<u8> {
    let row = |i: u32| format!("{i},{:x},n{}\n", i.wrapping_mul(2_654_435_761), i.wrapping_mul(40_503) % 977);
    (0..count).map(row).collect::<String>().into_bytes()
}

#[test]
fn every_codec_is_known_by_its_first_bytes_and_gives_back_what_went_in() {
    let text = rows(50_000);
    for (codec, extension) in FILES {
        let file = packed(codec, &text);
        let contents = held(&file, &format!("rows.csv.{extension}"));
        assert_eq!((contents.packing, contents.members.len()), (Packing::Codec(codec), 1));
        assert_eq!(contents.members[0].name, "rows.csv");
        assert!(unpacked(&file, &contents.members[0]) == (text.clone(), None), "{codec:?}");
    }
}

#[test]
fn several_members_or_frames_in_one_file_are_one_text() {
    for (codec, _) in FILES {
        let file = [packed(codec, TEXT), packed(codec, TEXT)].concat();
        let (out, damage) = unpacked(&file, &held(&file, "x").members[0]);
        assert!(out == [TEXT, TEXT].concat() && damage.is_none(), "{codec:?}: {} bytes, {damage:?}", out.len());
    }
}

#[test]
fn a_frame_of_zstd_that_is_to_be_passed_over_may_come_first() {
    let file = [b"\x50\x2a\x4d\x18\x04\0\0\0skip".to_vec(), packed(Codec::Zstd, TEXT)].concat();
    assert_eq!(unpacked(&file, &held(&file, "x").members[0]), (TEXT.to_vec(), None));
}

#[test]
fn of_a_stream_that_is_cut_what_came_before_is_given_with_the_place() {
    let text = rows(200_000);
    for (codec, _) in FILES {
        let mut file = packed(codec, &text);
        file.truncate(file.len() * 2 / 3);
        let (out, damage) = unpacked(&file, &held(&file, "x.csv").members[0]);
        let damage = damage.unwrap_or_else(|| panic!("{codec:?}: {} bytes and no damage", out.len()));
        assert!(!out.is_empty() && text.starts_with(&out), "{codec:?}: {} bytes", out.len());
        assert_eq!(damage.kind, ErrorKind::Malformed);
        assert!(damage.what.contains("is cut") && damage.what.contains("byte"), "{codec:?}: {damage}");
    }
}

#[test]
fn a_wrong_byte_in_a_stream_is_told() {
    let text = rows(20_000);
    for (codec, _) in FILES {
        let mut file = packed(codec, &text);
        let at = file.len() / 2;
        file[at] ^= 0x55;
        let (_, damage) = unpacked(&file, &held(&file, "x.csv").members[0]);
        assert!(damage.is_some(), "{codec:?}");
    }
}

#[test]
fn a_bomb_stops_at_the_budget_with_its_place_and_a_remedy() {
    let zeros = vec![0; 3 << 20];
    for (codec, _) in FILES {
        let file = packed(codec, &zeros);
        let member = &held(&file, "x").members[0];
        let error = unpacked_with(&file, member, &mut budget(&[("maxUnpackedBytes", "1000000")])).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Limit);
        assert!(error.what.contains("1000000") && error.what.contains("at byte") && error.hint.contains("maxUnpackedBytes"), "{error}");
    }
    let mut by_ratio = budget(&[]);
    assert!(by_ratio.spend(200 << 20, 200 << 20, 100, 50).is_ok());
    let error = by_ratio.spend(100 << 20, 300 << 20, 100, 50).unwrap_err();
    assert!(error.hint.contains("maxUnpackRatio"), "{error}");
    assert!(budget(&[]).spend(300 << 20, 300 << 20, 10 << 20, 50).is_ok());
    assert_eq!(Budget::new([("maxUnpackRatio", "none")]).unwrap_err().kind, ErrorKind::Usage);
}

/// A zip archive being written.
#[derive(Default)]
struct Zip {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
}

impl Zip {
    fn add(self, name: &[u8], codec: Codec, content: &[u8]) -> Self {
        self.entry(name, codec, content, 0)
    }

    /// With bit 3 of `flags` the sizes stand behind the member only.
    fn entry(mut self, name: &[u8], codec: Codec, content: &[u8], flags: u16) -> Self {
        let method = match codec {
            Codec::Deflate => 8_u16,
            Codec::Bzip2 => 12,
            Codec::Zstd => 93,
            Codec::Xz => 95,
            _ => 0,
        };
        let data = packed(codec, content);
        let sizes = [crc32fast::hash(content), data.len() as u32, content.len() as u32];
        let sizes: Vec<u8> = sizes.iter().flat_map(|n| n.to_le_bytes()).collect();
        let common = |sizes: &[u8]| {
            [
                &20_u16.to_le_bytes()[..],
                &flags.to_le_bytes(),
                &method.to_le_bytes(),
                &[0; 4],
                sizes,
                &(name.len() as u16).to_le_bytes(),
                &[0, 0],
            ]
            .concat()
        };
        let offset = self.bytes.len() as u32;
        let later = flags & 8 != 0;
        self.bytes.extend([&b"PK\x03\x04"[..], &common(if later { &[0; 12] } else { &sizes }), name, &data].concat());
        if later {
            self.bytes.extend([&b"PK\x07\x08"[..], &sizes].concat());
        }
        self.directory
            .extend([&b"PK\x01\x02\x14\0"[..], &common(&sizes), &[0; 2], &[0; 2], &[0; 2], &[0; 4], &offset.to_le_bytes(), name].concat());
        self.count += 1;
        self
    }

    fn end(mut self) -> Vec<u8> {
        let at = self.bytes.len() as u32;
        let counts = [self.count.to_le_bytes(), self.count.to_le_bytes()].concat();
        self.bytes.extend_from_slice(&self.directory);
        let end = [&b"PK\x05\x06\0\0\0\0"[..], &counts, &(self.directory.len() as u32).to_le_bytes(), &at.to_le_bytes(), &[0, 0]].concat();
        self.bytes.extend(end);
        self.bytes
    }
}

fn names(contents: &Contents) -> Vec<&str> {
    contents.members.iter().map(|member| member.name.as_str()).collect()
}

#[test]
fn a_zip_of_every_method_is_read_by_its_directory() {
    let codecs = [Codec::Stored, Codec::Deflate, Codec::Bzip2, Codec::Zstd, Codec::Xz];
    let zip = codecs.iter().fold(Zip::default(), |zip, codec| zip.add(format!("{codec:?}.csv").as_bytes(), *codec, TEXT));
    let file = zip.entry(b"later.csv", Codec::Deflate, TEXT, 8).end();
    let contents = held(&file, "a.zip");
    assert_eq!(contents.members.len(), 6);
    assert_eq!((contents.skipped.len(), &contents.damage), (0, &None));
    for member in &contents.members {
        assert!(unpacked(&file, member) == (TEXT.to_vec(), None), "{}", member.name);
    }
    // What stands before the archive (a program that unpacks it) shifts every place.
    let shifted = [b"PK\x03\x04 a program", file.as_slice()].concat();
    assert!(held(&shifted, "a").members.iter().all(|member| unpacked(&shifted, member).0 == TEXT));
}

#[test]
fn what_is_no_data_is_skipped_by_name_and_paths_are_only_names() {
    let zip = Zip::default()
        .add(b"folder/", Codec::Stored, b"")
        .add(b"folder/.DS_Store", Codec::Stored, b"x")
        .add(b"__MACOSX/._a.csv", Codec::Stored, b"x")
        .add(b"empty.csv", Codec::Stored, b"")
        .entry(b"secret.csv", Codec::Stored, TEXT, 1)
        .add(b"../../etc/M\x81ller.csv", Codec::Deflate, TEXT);
    let contents = held(&zip.end(), "a.zip");
    assert_eq!(names(&contents), ["../../etc/Müller.csv"]);
    let skipped: Vec<_> = contents.skipped.iter().map(|skipped| format!("{}: {}", skipped.name, skipped.why)).collect();
    assert_eq!(
        skipped,
        ["folder/: a folder", "folder/.DS_Store: hidden", "__MACOSX/._a.csv: hidden", "empty.csv: empty", "secret.csv: encrypted"]
    );
    let error = failure(&Zip::default().entry(b"secret.csv", Codec::Stored, TEXT, 1).end());
    assert!(error.what.contains("secret.csv (encrypted)") && error.hint.contains("password"), "{error}");
}

#[test]
fn more_members_than_the_most_are_skipped() {
    let zip = (0..5).fold(Zip::default(), |zip, n| zip.add(format!("{n}.csv").as_bytes(), Codec::Stored, TEXT)).end();
    let contents = contents(zip.as_slice(), "a.zip", 3).unwrap().unwrap();
    assert_eq!((contents.members.len(), contents.skipped.len()), (3, 2));
    assert!(contents.skipped[0].why.contains("maxMembers"));
}

#[test]
fn a_zip_that_is_cut_is_read_by_its_members_own_headers() {
    let text = rows(5000);
    let mut file = Zip::default().add(b"a.csv", Codec::Deflate, TEXT).add(b"b.csv", Codec::Deflate, &text).end();
    file.truncate(file.len() * 2 / 3);
    let contents = held(&file, "a.zip");
    assert_eq!(names(&contents), ["a.csv", "b.csv"]);
    assert!(contents.damage.as_ref().is_some_and(|damage| damage.contains("cut")));
    assert_eq!(unpacked(&file, &contents.members[0]), (TEXT.to_vec(), None));
    let (out, damage) = unpacked(&file, &contents.members[1]);
    assert!(text.starts_with(&out) && damage.is_some());
}

#[test]
fn a_wrong_checksum_is_told() {
    let mut file = Zip::default().add(b"a.csv", Codec::Stored, TEXT).end();
    file[40] ^= 1;
    let (out, damage) = unpacked(&file, &held(&file, "a.zip").members[0]);
    assert_eq!(out.len(), TEXT.len());
    assert!(damage.is_some_and(|damage| damage.what.contains("checksum")));
}

#[test]
fn office_documents_are_no_archives() {
    let sheet = Zip::default().add(b"[Content_Types].xml", Codec::Stored, b"<a/>").add(b"xl/workbook.xml", Codec::Stored, b"<a/>").end();
    assert_eq!(contents(sheet.as_slice(), "a.xlsx", 9).unwrap(), None);
    let open = Zip::default().add(b"mimetype", Codec::Stored, b"application/x").add(b"content.xml", Codec::Stored, b"<a/>").end();
    assert_eq!(contents(open.as_slice(), "a.ods", 9).unwrap(), None);
}

fn tar_entry(name: &[u8], kind: u8, content: &[u8]) -> Vec<u8> {
    let mut header = vec![0; 512];
    header[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
    header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    header[148..156].copy_from_slice(b"        ");
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header.extend_from_slice(content);
    header.resize(header.len().next_multiple_of(512), 0);
    header
}

#[test]
fn a_tars_members_are_ranges_of_it_with_long_names_and_folders_apart() {
    let long = "d/".repeat(80) + "long.csv";
    let pax = "17 path=päx.csv\n";
    let file = [
        tar_entry(b"a.csv", b'0', TEXT),
        tar_entry(b"folder/", b'5', b""),
        tar_entry(b"link", b'2', b""),
        tar_entry(b"././@LongLink", b'L', format!("{long}\0").as_bytes()),
        tar_entry(b"cut-name", b'0', TEXT),
        tar_entry(b"PaxHeaders/x", b'x', pax.as_bytes()),
        tar_entry(b"x", b'0', TEXT),
        tar_entry(b"empty.csv", b'0', b""),
        vec![0; 1024],
    ]
    .concat();
    let contents = held(&file, "a.tar");
    assert_eq!(names(&contents), ["a.csv", &long, "päx.csv"]);
    assert!(contents.members.iter().all(|member| unpacked(&file, member) == (TEXT.to_vec(), None)));
    let why: Vec<_> = contents.skipped.iter().map(|skipped| skipped.why.as_str()).collect();
    assert_eq!(why, ["a folder", "a link", "empty"]);
}

#[test]
fn a_tar_within_a_codec_comes_out_as_a_tar() {
    let file = gzip(&[tar_entry(b"a.csv", b'0', TEXT), vec![0; 1024]].concat());
    let contents = held(&file, "a.tgz");
    assert_eq!(contents.members[0].name, "a.tar");
    let (tar, _) = unpacked(&file, &contents.members[0]);
    assert_eq!(names(&held(&tar, "a.tar")), ["a.csv"]);
}

#[test]
fn the_last_member_of_a_tar_that_is_cut_is_cut_too() {
    let mut file = tar_entry(b"a.csv", b'0', &rows(1000));
    file.truncate(3000);
    let contents = held(&file, "a.tar");
    let (out, damage) = unpacked(&file, &contents.members[0]);
    assert_eq!(out.len(), 3000 - 512);
    assert!(damage.is_some_and(|damage| damage.what.contains("cut")));
}

#[test]
fn plain_files_are_not_packed() {
    for plain in [TEXT, b"", b"PK", b"BZh is how the note began\n", b"\x1f\x8b"] {
        assert_eq!(contents(plain, "x", 9).unwrap(), None);
    }
}

#[test]
fn any_bytes_are_listed_or_refused() {
    let whole = Zip::default().add(b"a.csv", Codec::Deflate, TEXT).entry(b"b.csv", Codec::Deflate, TEXT, 8).end();
    let tar = [tar_entry(b"a.csv", b'0', TEXT), tar_entry(b"x", b'x', b"12 path=abc\n"), tar_entry(b"b", b'0', TEXT)].concat();
    for (seed, file) in [whole, tar].into_iter().enumerate() {
        let mut random = seed as u32 + 1;
        for _ in 0..3000 {
            let mut file = file.clone();
            for _ in 0..3 {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = random as usize % file.len();
                file[at] = (random >> 16) as u8;
            }
            if let Ok(Some(contents)) = contents(file.as_slice(), "x", 100) {
                for member in &contents.members {
                    let _ = unpacked_with(&file, member, &mut budget(&[("maxUnpackedBytes", "100000")]));
                }
            }
        }
    }
}

#[test]
fn a_file_of_compress_is_unpacked_within_the_budget() {
    let packed = packed(Codec::Compress, TEXT);
    let contents = held(&packed, "people.csv.Z");
    assert_eq!((contents.packing.title(), &*contents.members[0].name), ("compress", "people.csv"));
    assert_eq!(unpacked(&packed, &contents.members[0]), (TEXT.to_vec(), None));
    let bytes = vec![b'a'; 100_000];
    let packed = compress::tests::compressed(&bytes, 16, None);
    let member = &held(&packed, "x.Z").members[0];
    let error = unpacked_with(&packed, member, &mut budget(&[("maxUnpackedBytes", "50000")])).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Limit);
}
