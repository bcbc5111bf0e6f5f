#include "disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "facts.h"
#include "files.h"
#include "wire.h"

static struct disk {
	char name[NAME_BYTES];
	/* Empty until the disk is found. */
	char path[NAME_BYTES + 8];
} disks[AREAS_MAX];

/* An attribute as a number; what is given where the disk has no such attribute. */
static long long attribute(const struct disk *disk, const char *attribute, long long otherwise)
{
	char file[128], text[32];

	snprintf(file, sizeof(file), "/sys/block/%s/%s", disk->name, attribute);
	return file_read(file, text, sizeof(text)) > 0 ? strtoll(text, NULL, 10) : otherwise;
}

static bool has_attribute(const struct disk *disk, const char *attribute)
{
	char file[128];

	snprintf(file, sizeof(file), "/sys/block/%s/%s", disk->name, attribute);
	return access(file, F_OK) == 0;
}

static bool set_attribute(const struct disk *disk, const char *attribute, const char *value)
{
	char file[128];

	snprintf(file, sizeof(file), "/sys/block/%s/%s", disk->name, attribute);
	return file_write(file, value);
}

/* Serial numbers come padded with spaces, on either side. */
static bool same_serial(char *found, const char *wanted)
{
	found += strspn(found, " \n");
	for (size_t length = strlen(found); length > 0 && strchr(" \n", found[length - 1]) != NULL; length--)
		found[length - 1] = '\0';
	return strcmp(found, wanted) == 0;
}

static bool has_serial(const char *disk, const char *serial)
{
	/* virtio disks; the controller of an NVMe disk. */
	static const char *const text_files[] = { "serial", "device/serial" };
	char file[128], text[256];

	for (size_t i = 0; i < sizeof(text_files) / sizeof(text_files[0]); i++) {
		snprintf(file, sizeof(file), "/sys/block/%.64s/%s", disk, text_files[i]);
		if (file_read(file, text, sizeof(text)) > 0 && same_serial(text, serial))
			return true;
	}
	/* SCSI: the unit serial number page, four bytes of header before it. */
	snprintf(file, sizeof(file), "/sys/block/%.64s/device/vpd_pg80", disk);
	return file_read(file, text, sizeof(text)) > 4 && same_serial(text + 4, serial);
}

static bool find_once(struct disk *disk, const char *serial)
{
	DIR *directory = opendir("/sys/block");
	struct dirent *entry;

	if (directory == NULL)
		return false;
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.' || strlen(entry->d_name) >= sizeof(disk->name))
			continue;
		/* A device that the kernel makes has a name, but no serial number. */
		if (strcmp(entry->d_name, serial) == 0 || has_serial(entry->d_name, serial))
			break;
	}
	if (entry != NULL) {
		strcpy(disk->name, entry->d_name);
		strcat(strcpy(disk->path, "/dev/"), entry->d_name);
	}
	closedir(directory);
	/* The attributes of its queue come last, and are read at once. */
	return entry != NULL && access(disk->path, F_OK) == 0 && has_attribute(disk, "queue/rotational");
}

void disk_find(unsigned number, const char *serial, const char *rotational)
{
	struct disk *disk = &disks[number];
	struct message message;
	long long deadline = now_ms() + DISK_DEADLINE_MS;

	/* A disk plugged in while the guest runs: kernels without PCI hot-plug look for it only when told to. */
	file_write("/sys/bus/pci/rescan", "1");
	/* Drivers look for their disks in the background: a disk may come after its module is loaded. */
	while (!find_once(disk, serial)) {
		if (now_ms() > deadline) {
			disk->path[0] = '\0';
			fact_lack("disk", serial);
			return;
		}
		sleep_ms(5);
		wire_alive(0);
	}
	if (rotational != NULL && !set_attribute(disk, "queue/rotational", rotational))
		fact_lack("queue/rotational", error_name(errno));
	message_begin(&message, "fact");
	message_text(&message, "kind", "disk");
	message_text(&message, "serial", serial);
	message_text(&message, "path", disk->path);
	message_number(&message, "rotational", (unsigned long long)attribute(disk, "queue/rotational", 0));
	message_number(&message, "bytes", (unsigned long long)attribute(disk, "size", 0) * 512);
	/* The NUMA node of an NVMe controller, which its disks take over; other disks belong to none here. */
	message_signed(&message, "node", attribute(disk, "device/device/numa_node", -1));
	wire_send(&message);
}

const char *disk_path(unsigned number)
{
	return disks[number].path;
}

/* The header that mkswap writes: one page; version 1, the last page, no bad pages, and the magic at the end. */
static bool write_header(const char *path, unsigned long long pages, size_t page_bytes)
{
	static union {
		char bytes[1 << 16];
		struct {
			char boot[1024];
			uint32_t version, last_page, bad_page_count;
		} info;
	} header;
	static const char magic[] = "SWAPSPACE2";
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	header.info.version = 1;
	header.info.last_page = (uint32_t)(pages - 1);
	memcpy(header.bytes + page_bytes - (sizeof(magic) - 1), magic, sizeof(magic) - 1);
	bool written = pwrite(fd, header.bytes, page_bytes, 0) == (ssize_t)page_bytes && fsync(fd) == 0;
	int error = errno;

	close(fd);
	errno = error;
	return written;
}

static bool size_zram(const struct disk *disk, unsigned long long kilobytes)
{
	char text[32];

	snprintf(text, sizeof(text), "%lluK", kilobytes);
	return strncmp(disk->name, "zram", 4) != 0 || set_attribute(disk, "disksize", text);
}

const char *disk_make_area(unsigned number, unsigned long long kilobytes)
{
	const struct disk *disk = &disks[number];
	size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);

	if (disk->path[0] == '\0') {
		errno = ENODEV;
		return "there is no disk";
	}
	if (!size_zram(disk, kilobytes))
		return "disksize could not be set";
	if ((unsigned long long)attribute(disk, "size", 0) * 512 < kilobytes * 1024) {
		errno = ENOSPC;
		return "the disk is smaller than the swap area";
	}
	return write_header(disk->path, kilobytes * 1024 / page_bytes, page_bytes) ? NULL : "the swap header could not be written";
}
