//! Rows as structs: one list of fields makes the struct, its column list, its reader and its
//! `INSERT`.

/// Declares the struct of a table's rows. Fields are named like their columns and stand in the same
/// order everywhere.
macro_rules! record {
    ($(#[$doc:meta])* pub struct $name:ident: $table:literal {
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }

        #[allow(dead_code, reason = "not every table needs all of these")]
        impl $name {
            pub(crate) const TABLE: &'static str = $table;
            pub(crate) const FIELDS: &'static [&'static str] = &[$(stringify!($field)),*];

            /// The row's columns, for a `SELECT`.
            pub(crate) fn columns() -> &'static str {
                static COLUMNS: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| $name::FIELDS.join(", "));
                &COLUMNS
            }

            /// Reads a row selected with these columns in front.
            #[allow(unused_assignments, reason = "the last column's count is not needed")]
            pub(crate) fn read(row: &dyn $crate::SqlRow) -> Result<Self, $crate::StorageError> {
                let mut column = 0;
                $(let $field = row.get::<$type>(column)?; column += 1;)*
                Ok(Self { $($field),* })
            }

            /// Inserts the row as it is.
            pub(crate) fn insert_row(&self, tx: &mut dyn $crate::Transaction) -> Result<(), $crate::StorageError> {
                static SQL: std::sync::LazyLock<String> =
                    std::sync::LazyLock::new(|| $crate::record::insert_sql($name::TABLE, $name::FIELDS));
                tx.execute(&SQL, &self.values()).map(|_| ())
            }

            /// The row's values, in the order of its columns.
            pub(crate) fn values(&self) -> Vec<$crate::SqlValue<'_>> {
                vec![$($crate::Encode::encode(&self.$field)),*]
            }
        }
    };
}

/// `INSERT INTO table (fields) VALUES ($1, ...)`.
pub(crate) fn insert_sql(table: &str, fields: &[&str]) -> String {
    let places: Vec<String> = (1..=fields.len()).map(|place| format!("${place}")).collect();
    format!("INSERT INTO {table} ({}) VALUES ({})", fields.join(", "), places.join(", "))
}
