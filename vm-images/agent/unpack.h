/* Files from outside: an archive in the form of an initramfs ("newc") that lies at the beginning of a disk. */
#ifndef UNPACK_H
#define UNPACK_H

/* Unpacks an archive of so many bytes into a folder. NULL when done, else what is wrong, with errno where a call failed. */
const char *unpack(const char *disk, unsigned long long bytes, const char *folder);

#endif
