//! Reading MARC21 records: ISO 2709 in UTF-8 or MARC-8, and MARCXML
