/* Small files of proc, sysfs and tracefs: read whole into a caller's buffer, written with one write. */
#ifndef FILES_H
#define FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Text of an open file from its start, NUL-terminated; its length, or -1 with errno. Cut at size - 1. */
ssize_t file_reread(int fd, char *buffer, size_t size);
/* The same for a path. */
ssize_t file_read(const char *path, char *buffer, size_t size);
/* One write of a whole string. False with errno. */
bool file_write(const char *path, const char *text);
/* Takes the next line off *cursor and terminates it; NULL at the end. */
char *next_line(char **cursor);
/* Takes the next item of a list off *cursor and terminates it; NULL at the end. Empty items are skipped. */
char *next_item(char **cursor, char separator);
/* The digits at text as a number; false when there are none, something follows them, or they do not fit. */
bool parse_number(const char *text, unsigned long long *value);
/* Milliseconds of a clock that only runs forward. */
long long now_ms(void);
long long now_us(void);
long long now_ns(void);
void sleep_ms(int milliseconds);

#endif
