#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

ssize_t file_reread(int fd, char *buffer, size_t size)
{
	size_t length = 0;

	/* proc hands out at most a page at a time: only a read of nothing is the end. */
	while (length < size - 1) {
		ssize_t got = pread(fd, buffer + length, size - 1 - length, (off_t)length);

		if (got < 0)
			return -1;
		if (got == 0)
			break;
		length += (size_t)got;
	}
	buffer[length] = '\0';
	return (ssize_t)length;
}

ssize_t file_read(const char *path, char *buffer, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	ssize_t length = file_reread(fd, buffer, size);
	int error = errno;

	close(fd);
	errno = error;
	return length;
}

bool file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	ssize_t written = write(fd, text, strlen(text));
	int error = errno;

	close(fd);
	errno = error;
	return written == (ssize_t)strlen(text);
}

char *next_line(char **cursor)
{
	char *line = *cursor;

	if (*line == '\0')
		return NULL;
	char *end = strchr(line, '\n');

	if (end == NULL) {
		*cursor = line + strlen(line);
	} else {
		*end = '\0';
		*cursor = end + 1;
	}
	return line;
}

char *next_item(char **cursor, char separator)
{
	while (**cursor == separator)
		(*cursor)++;
	if (**cursor == '\0')
		return NULL;
	char *item = *cursor;
	char *end = strchr(item, separator);

	if (end == NULL) {
		*cursor = item + strlen(item);
	} else {
		*end = '\0';
		*cursor = end + 1;
	}
	return item;
}

bool parse_number(const char *text, unsigned long long *value)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return *end == '\0' && errno == 0;
}

long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

long long now_us(void)
{
	return now_ns() / 1000;
}

long long now_ms(void)
{
	return now_us() / 1000;
}

void sleep_ms(int milliseconds)
{
	struct timespec pause = { .tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L };

	nanosleep(&pause, NULL);
}
