//! What only Babelfish for PostgreSQL lacks, which stands in for SQL Server on machines without one.

use super::MigrateError;
use super::runner::Run;
use crate::connection::Param;
use crate::rows;

/// Foreign keys over text with a collation of its own. Babelfish cannot check them ("could not determine which collation to use"); there they go,
/// and only there.
const KEYS_BABELFISH_CANNOT_CHECK: [(&str, &str); 2] =
    [("lienthu.Flag", "FK_Flag_event"), ("lienthu.ReviewItem", "FK_ReviewItem_event")];

/// Tables that triggers write whose statement has written the same rows. Babelfish plans the check of a
/// foreign key again when it runs inside of a trigger, and then looks for its table in a schema that does not
/// exist ("relation q1_q1_dbo.docgia"); there these tables' keys go too, and only there.
const TABLES_WRITTEN_IN_TRIGGERS: [&str; 2] = ["PHIEUMUON", "QUYENSACH"];

impl Run {
    pub(super) async fn is_babelfish(&mut self) -> Result<bool, MigrateError> {
        let version = self.read("SELECT @@VERSION AS version", &[]).await?;
        let version = version.first().and_then(|row| rows::text(row, 0).ok());
        Ok(version.is_some_and(|version| version.starts_with("Babelfish")))
    }

    /// Those that an earlier run has dropped are an error that says nothing.
    pub(super) async fn drop_keys_babelfish_cannot_check(&mut self) -> Result<(), MigrateError> {
        for (table, key) in KEYS_BABELFISH_CANNOT_CHECK {
            drop(
                self.connection.batch(&format!("ALTER TABLE {table} DROP CONSTRAINT {key}")).await,
            );
        }
        for table in TABLES_WRITTEN_IN_TRIGGERS {
            let keys = self
                .read(
                    "SELECT CONSTRAINT_NAME AS name FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS
                     WHERE TABLE_SCHEMA = 'dbo' AND TABLE_NAME = @P1 AND CONSTRAINT_TYPE = 'FOREIGN KEY'",
                    &[Param::Text(table.to_owned())],
                )
                .await?;
            for key in &keys {
                let key = rows::text(key, 0).map_err(|failure| failure.of_call(None))?;
                let drop = format!("ALTER TABLE dbo.{table} DROP CONSTRAINT [{key}]");
                self.batch("keys", 0, &drop).await?;
            }
        }
        Ok(())
    }
}
