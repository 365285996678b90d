"""What a service uses of pyzeebe, and what stands in its place here."""

from workflow_devkit.migration.report import HandlerToMove, MigrationReport, migration_report

__all__ = ["HandlerToMove", "MigrationReport", "migration_report"]
