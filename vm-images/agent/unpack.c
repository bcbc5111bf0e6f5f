#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire.h"

#define HEADER_BYTES 110
#define MAGIC "070701"
/* Fields of a header, eight hexadecimal digits each. */
enum { FIELD_MODE = 1, FIELD_SIZE = 6, FIELD_NAME_SIZE = 11 };

/* The disk is read past the page cache: what was read before it was written from outside is not looked at. */
static struct {
	int fd;
	unsigned long long taken, bytes;
	size_t used, length;
	_Alignas(4096) char buffer[1 << 18];
} archive;

/* Up to so many bytes where they lie in the buffer; NULL at the end, or when the disk cannot be read. */
static const char *take(size_t *count)
{
	if (archive.used == archive.length) {
		ssize_t got = read(archive.fd, archive.buffer, sizeof(archive.buffer));

		if (got <= 0)
			return NULL;
		archive.used = 0;
		archive.length = (size_t)got;
		wire_alive(archive.taken);
	}
	size_t there = archive.length - archive.used;
	const char *bytes = archive.buffer + archive.used;

	if (*count > there)
		*count = there;
	archive.used += *count;
	archive.taken += *count;
	return archive.taken > archive.bytes ? NULL : bytes;
}

/* Copies so many bytes to memory, or to a file when `to` is NULL, or nowhere. */
static bool copy(char *to, int file, size_t count)
{
	while (count > 0) {
		size_t part = count;
		const char *bytes = take(&part);

		if (bytes == NULL)
			return false;
		if (to != NULL) {
			memcpy(to, bytes, part);
			to += part;
		}
		for (size_t written = 0; file >= 0 && written < part;) {
			ssize_t now = write(file, bytes + written, part - written);

			if (now < 0)
				return false;
			written += (size_t)now;
		}
		count -= part;
	}
	return true;
}

static bool pad(void)
{
	return copy(NULL, -1, -archive.taken & 3);
}

static unsigned long field(const char *header, int number)
{
	char digits[9] = "";

	memcpy(digits, header + sizeof(MAGIC) - 1 + 8 * number, 8);
	return strtoul(digits, NULL, 16);
}

static bool make(const char *path, unsigned long mode, unsigned long size)
{
	static char target[PATH_MAX];

	switch (mode & S_IFMT) {
	case S_IFDIR:
		return (mkdir(path, mode & 07777) == 0 || errno == EEXIST) && copy(NULL, -1, size);
	case S_IFLNK:
		if (size >= sizeof(target) || !copy(target, -1, size))
			return false;
		target[size] = '\0';
		return symlink(target, path) == 0;
	default: {
		int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode & 07777);
		bool done = file >= 0 && copy(NULL, file, size);
		int error = errno;

		close(file);
		errno = error;
		return done;
	}
	}
}

static const char *unpack_all(const char *folder)
{
	static char header[HEADER_BYTES], path[2 * PATH_MAX], problem[160];
	size_t prefix = (size_t)snprintf(path, sizeof(path), "%s/", folder);

	for (;;) {
		if (!copy(header, -1, HEADER_BYTES) || memcmp(header, MAGIC, sizeof(MAGIC) - 1) != 0)
			return "the archive is damaged or cut";
		unsigned long name_size = field(header, FIELD_NAME_SIZE);

		if (name_size == 0 || name_size > PATH_MAX || !copy(path + prefix, -1, name_size) || !pad())
			return "the archive has a name that is too long";
		if (strcmp(path + prefix, "TRAILER!!!") == 0)
			return NULL;
		errno = 0;
		if (!make(path, field(header, FIELD_MODE), field(header, FIELD_SIZE)) || !pad()) {
			snprintf(problem, sizeof(problem), "%.120s cannot be written", path + prefix);
			return problem;
		}
	}
}

const char *unpack(const char *disk, unsigned long long bytes, const char *folder)
{
	archive.fd = open(disk, O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (archive.fd < 0)
		return "the disk with the files cannot be opened";
	archive.bytes = bytes;
	const char *problem = unpack_all(folder);

	close(archive.fd);
	return problem;
}
