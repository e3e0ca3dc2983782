"""Pictures of radiographs that leave the application: saved, copied, printed."""
