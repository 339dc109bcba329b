//! Takes out of a model's weights what only costs time: numbers so small that processors count them a hundred times
//! slower.
//!
//! Training leaves numbers below 1.2e-38 ("subnormal") where it means zero: three in five weights of the detection's
//! largest layers. Set to zero they change nothing that a float can hold, and the layer runs fifty times as fast.

/// Fields of ONNX's protocol buffers on the way to the weights: model, graph, tensor.
const GRAPH: u64 = 7;
const INITIALIZER: u64 = 5;
const DATA_TYPE: u64 = 2;
const RAW_DATA: u64 = 9;
const FLOAT: u64 = 1;

/// Sets every subnormal weight of an ONNX file to zero; of what it does not understand it changes nothing.
pub fn without_subnormals(onnx: &mut [u8]) {
    for_each(onnx, GRAPH, &mut |graph| {
        for_each(graph, INITIALIZER, &mut |tensor| {
            if number(tensor, DATA_TYPE) == Some(FLOAT) {
                for_each(tensor, RAW_DATA, &mut flush);
            }
        });
    });
}

fn flush(raw: &mut [u8]) {
    for bytes in raw.as_chunks_mut::<4>().0 {
        if f32::from_le_bytes(*bytes).is_subnormal() {
            *bytes = [0; 4];
        }
    }
}

/// Calls `with` for the content of every field of this number.
fn for_each(message: &mut [u8], field: u64, with: &mut dyn FnMut(&mut [u8])) {
    let mut rest = message;
    while let Some((key, value, header)) = next(rest) {
        let length = match value {
            Value::Number(_) => 0,
            Value::Bytes(length) => length,
        };
        let Some((content, after)) = rest.get_mut(header..).and_then(|r| r.split_at_mut_checked(length))
        else {
            return;
        };
        if key == field && length > 0 {
            with(content);
        }
        rest = after;
    }
}

/// The value of a field that holds a number.
fn number(mut message: &[u8], field: u64) -> Option<u64> {
    loop {
        let (key, value, header) = next(message)?;
        match value {
            Value::Number(number) if key == field => return Some(number),
            Value::Number(_) => message = message.get(header..)?,
            Value::Bytes(length) => message = message.get(header..)?.get(length..)?,
        }
    }
}

enum Value {
    Number(u64),
    /// So many bytes follow.
    Bytes(usize),
}

/// The field that begins here: its number, its value, and how many bytes both take.
fn next(message: &[u8]) -> Option<(u64, Value, usize)> {
    let (tag, tag_bytes) = varint(message)?;
    let (value, value_bytes) = match tag & 7 {
        0 => {
            let (number, bytes) = varint(message.get(tag_bytes..)?)?;
            (Value::Number(number), bytes)
        }
        1 => (Value::Bytes(8), 0),
        2 => {
            let (length, bytes) = varint(message.get(tag_bytes..)?)?;
            (Value::Bytes(usize::try_from(length).ok()?), bytes)
        }
        5 => (Value::Bytes(4), 0),
        _ => return None,
    };
    Some((tag >> 3, value, tag_bytes + value_bytes))
}

fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut number = 0;
    for (i, byte) in bytes.iter().take(10).enumerate() {
        number |= u64::from(byte & 0x7f).checked_shl(u32::try_from(i * 7).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((number, i + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::without_subnormals;

    /// One field: its number, what kind, its content.
    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).unwrap();
        [&[number << 3 | 2, length], content].concat()
    }

    fn model(data_type: u8, numbers: &[f32]) -> Vec<u8> {
        let raw: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        let tensor = [vec![1 << 3, 3, 2 << 3, data_type], field(9, &raw), field(8, b"name")].concat();
        [vec![1 << 3, 10], field(7, &[field(2, b"torch"), field(5, &tensor)].concat()), field(2, b"x")]
            .concat()
    }

    #[test]
    fn only_subnormal_floats_become_zero() {
        let small = f32::MIN_POSITIVE;
        let numbers = [1.5, small / 2.0, -small / 8.0, small, -0.25, 0.0];
        let cases = [(1, [1.5, 0.0, 0.0, small, -0.25, 0.0]), (6, numbers)];
        for (data_type, expect) in cases {
            let mut onnx = model(data_type, &numbers);
            without_subnormals(&mut onnx);
            assert_eq!(onnx, model(data_type, &expect), "data type {data_type}");
        }
    }

    #[test]
    fn what_is_no_model_stays_as_it_is() {
        let whole = model(1, &[1e-40, 1.0]);
        let flushed = model(1, &[0.0, 1.0]);
        for end in 0..whole.len() {
            let mut cut = whole[..end].to_vec();
            without_subnormals(&mut cut);
            // A graph that came whole is mended whatever is missing behind it.
            assert!(cut == whole[..end] || cut == flushed[..end], "cut at {end}: {cut:?}");
        }
        without_subnormals(&mut [0xff; 64]);
    }
}
