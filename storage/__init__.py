"""Where it stays: archive, tables, releases; how they are read and exported.

    folder     the data folder: its layout, its lock; objects where it is in an object store
    archive    raw bytes in WARC files
    tables     Delta tables
    staging    rows of batches until they are released
    releases   which versions of the tables belong together
    diff       what differs between two of them, and why
    maintain   what is retired, compacted and removed
    reading    a release as frames and SQL
    workspace  queries over releases of any size in little memory
    export     a release as plain files

Readers begin here:

    from storage import open_release
    open_release("data").frame("figures")
"""

from storage.reading import ReleaseReader, open_release

__all__ = ["ReleaseReader", "open_release"]
