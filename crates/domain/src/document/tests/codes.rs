#[test]
fn dump() {
    let c = super::read_alone(super::EXAMPLE, super::Format::Json).unwrap();
    std::fs::write("tests/documents/desk-screening.yaml", crate::document::yaml(&c.test)).unwrap();
}
