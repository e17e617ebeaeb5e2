#include "registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUITE(name) extern const struct spi_suite name;
#include "../cases/suites.def"
#undef SUITE

static const struct spi_suite *const suites[] = {
#define SUITE(name) &name,
#include "../cases/suites.def"
#undef SUITE
};

#define SUITES (sizeof suites / sizeof suites[0])

static struct case_row *rows;
static const struct case_row **by_id;
static size_t count;

static size_t rows_of(const struct spi_case *source)
{
    return source->rows ? source->row_count : 1;
}

static size_t count_rows(void)
{
    size_t total = 0;

    for (size_t i = 0; i < SUITES; ++i)
        for (size_t j = 0; j < suites[i]->count; ++j)
            total += rows_of(suites[i]->cases[j]);
    return total;
}

static void *allocate(size_t number, size_t size)
{
    void *memory = calloc(number, size);

    if (!memory)
        abort();
    return memory;
}

static const char *row_id(const struct spi_case *source, const void *row)
{
    const char *suffix = *(const char *const *)row;
    size_t size = strlen(source->id) + strlen(suffix) + 2;
    char *id = allocate(size, 1);

    snprintf(id, size, "%s.%s", source->id, suffix);
    return id;
}

static void add(const struct spi_case *source)
{
    for (size_t i = 0; i < rows_of(source); ++i) {
        struct case_row *row = &rows[count++];

        row->source = source;
        row->id = source->id;
        if (!source->rows)
            continue;
        row->row = (const char *)source->rows + i * source->row_size;
        row->id = row_id(source, row->row);
    }
}

static int compare(const void *left, const void *right)
{
    const struct case_row *const *a = left, *const *b = right;

    return strcmp((*a)->id, (*b)->id);
}

void registry_open(void)
{
    size_t total = count_rows();

    rows = allocate(total, sizeof *rows);
    by_id = allocate(total, sizeof *by_id);
    for (size_t i = 0; i < SUITES; ++i)
        for (size_t j = 0; j < suites[i]->count; ++j)
            add(suites[i]->cases[j]);
    for (size_t i = 0; i < count; ++i)
        by_id[i] = &rows[i];
    qsort(by_id, count, sizeof *by_id, compare);
    for (size_t i = 1; i < count; ++i)
        if (!compare(&by_id[i - 1], &by_id[i])) {
            fprintf(stderr, "wspcheck: two cases have the id %s\n", by_id[i]->id);
            exit(2);
        }
}

size_t registry_count(void)
{
    return count;
}

const struct case_row *registry_at(size_t index)
{
    return &rows[index];
}

const struct case_row *registry_find(const char *id)
{
    const struct case_row key = {.id = id};
    const struct case_row *key_at = &key;
    const struct case_row **found =
        bsearch(&key_at, by_id, count, sizeof *by_id, compare);

    return found ? *found : NULL;
}
