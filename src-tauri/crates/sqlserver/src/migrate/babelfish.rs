//! What only Babelfish for PostgreSQL lacks, which stands in for SQL Server on machines without one.

use super::MigrateError;
use super::runner::Run;
use crate::rows;

impl Run {
    pub(super) async fn is_babelfish(&mut self) -> Result<bool, MigrateError> {
        let version = self.read("SELECT @@VERSION AS version", &[]).await?;
        let version = version.first().and_then(|row| rows::text(row, 0).ok());
        Ok(version.is_some_and(|version| version.starts_with("Babelfish")))
    }

    /// Drops the foreign keys of the site, there and only there. Babelfish cannot check those over text with
    /// a collation of its own ("could not determine which collation to use"). The check of any other it plans
    /// again whenever something changes in the catalogue, and then looks for the table in a schema that does
    /// not exist ("relation q1_q1_dbo.docgia").
    pub(super) async fn drop_foreign_keys(&mut self) -> Result<(), MigrateError> {
        let keys = self
            .read(
                "SELECT TABLE_SCHEMA AS table_schema, TABLE_NAME AS table_name, CONSTRAINT_NAME AS name
                 FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS
                 WHERE CONSTRAINT_TYPE = 'FOREIGN KEY' AND TABLE_SCHEMA IN ('dbo', 'lienthu')",
                &[],
            )
            .await?;
        for key in &keys {
            let text = |column| rows::text(key, column).map_err(|failure| failure.of_call(None));
            let (schema, table, name) = (text(0)?, text(1)?, text(2)?);
            let drop = format!("ALTER TABLE {schema}.{table} DROP CONSTRAINT [{name}]");
            self.batch("keys", 0, &drop).await?;
        }
        Ok(())
    }
}
