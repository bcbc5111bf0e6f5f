/* Splitting of large folios on request, through debugfs. */
#ifndef SPLIT_H
#define SPLIT_H

#include <stdint.h>
#include <sys/types.h>

/* Splits every large folio that the process maps in the range. NULL, or what is missing or went wrong. */
const char *split_range(pid_t pid, uint64_t start, uint64_t bytes);

#endif
