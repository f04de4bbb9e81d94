//! Encodings, compression and digests.

mod base64_decode_toarray;
mod base64_decode_toguid;
mod base64_decode_tostring;
mod base64_encode_fromarray;
mod base64_encode_fromguid;
mod base64_encode_tostring;
mod base64_text;
mod compression;
mod digesting;
mod guid_bytes;
mod gzip_compress_to_base64_string;
mod gzip_decompress_from_base64_string;
mod hash;
mod hash_md5;
mod hash_sha1;
mod hash_sha256;
mod hash_xxhash64;
mod percent;
mod punycode_domain_from_string;
mod punycode_domain_to_string;
mod punycode_from_string;
mod punycode_to_string;
mod unicode_codepoints_from_string;
mod unicode_codepoints_to_string;
mod url_decode;
mod url_encode;
mod url_encode_component;
mod xxhash;
mod zlib_compress_to_base64_string;
mod zlib_decompress_from_base64_string;

use crate::function::Function;

pub(crate) use xxhash::hash_of;

pub(super) const FUNCTIONS: &[&Function] = &[
    &base64_decode_toarray::FUNCTION,
    &base64_decode_toguid::FUNCTION,
    &base64_decode_tostring::FUNCTION,
    &base64_encode_fromarray::FUNCTION,
    &base64_encode_fromguid::FUNCTION,
    &base64_encode_tostring::FUNCTION,
    &gzip_compress_to_base64_string::FUNCTION,
    &gzip_decompress_from_base64_string::FUNCTION,
    &hash::FUNCTION,
    &hash_md5::FUNCTION,
    &hash_sha1::FUNCTION,
    &hash_sha256::FUNCTION,
    &hash_xxhash64::FUNCTION,
    &punycode_domain_from_string::FUNCTION,
    &punycode_domain_to_string::FUNCTION,
    &punycode_from_string::FUNCTION,
    &punycode_to_string::FUNCTION,
    &unicode_codepoints_from_string::FUNCTION,
    &unicode_codepoints_to_string::FUNCTION,
    &url_decode::FUNCTION,
    &url_encode::FUNCTION,
    &url_encode_component::FUNCTION,
    &zlib_compress_to_base64_string::FUNCTION,
    &zlib_decompress_from_base64_string::FUNCTION,
];
