/* The slots of WSPPROC_TABLE by number and name. */
#ifndef WSPCHECK_PROC_TABLE_H
#define WSPCHECK_PROC_TABLE_H

#include <stddef.h>

#define PROC_TABLE_SLOTS 30

/* "WSPAccept" */
const char *proc_table_name(size_t slot);

#endif
