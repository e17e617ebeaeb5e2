#include "hex.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUFFERS = 4,
    BUFFER_SIZE = 256 * 1024,
};

/* Characters up to the closing quote; returns what follows it. */
static const char *write_quoted(struct octet_writer *writer, const char *text)
{
    while (*text != '\0' && *text != '"')
        write_octet(writer, (uint8_t)*text++);
    writer->failed |= *text != '"';
    return *text == '"' ? text + 1 : text;
}

/* A pair of digits, perhaps with a count; returns what follows. */
static const char *write_pair(struct octet_writer *writer, const char *text)
{
    char pair[3] = {0};
    unsigned long count = 1;
    char *end = NULL;

    if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1])) {
        writer->failed = true;
        return text + strlen(text);
    }
    memcpy(pair, text, 2);
    text += 2;
    if (*text == '*') {
        count = strtoul(text + 1, &end, 10);
        text = end;
    }
    while (count-- > 0 && !writer->failed)
        write_octet(writer, (uint8_t)strtoul(pair, NULL, 16));
    return text;
}

void hex_write(struct octet_writer *writer, const char *text)
{
    while (*text != '\0' && !writer->failed) {
        if (isspace((unsigned char)*text))
            text++;
        else if (*text == '"')
            text = write_quoted(writer, text + 1);
        else
            text = write_pair(writer, text);
    }
}

struct octets hex(const char *text)
{
    static uint8_t buffers[BUFFERS][BUFFER_SIZE];
    static size_t turn;
    struct octet_writer writer = {.at = buffers[turn++ % BUFFERS], .size = BUFFER_SIZE};

    hex_write(&writer, text);
    if (writer.failed) {
        fprintf(stderr, "not octets: %s\n", text);
        abort();
    }
    return octets_of(writer.at, writer.length);
}
