#include "octets.h"

#include <string.h>

struct octets octets_of(const void *at, size_t length)
{
    struct octets octets = {.at = at, .length = length};

    return octets;
}

struct octets octets_front(struct octets octets, size_t count)
{
    if (count < octets.length)
        octets.length = count;
    return octets;
}

struct octets octets_after(struct octets octets, size_t count)
{
    if (count > octets.length)
        count = octets.length;
    /* Even "NULL + 0" is undefined in C11. */
    if (count > 0)
        octets.at += count;
    octets.length -= count;
    return octets;
}

bool octets_equal(struct octets one, struct octets other)
{
    if (one.length != other.length)
        return false;
    return one.length == 0 || memcmp(one.at, other.at, one.length) == 0;
}

void octets_copy(uint8_t *to, struct octets from)
{
    /* memcpy demands valid pointers even for nothing. */
    if (from.length > 0)
        memcpy(to, from.at, from.length);
}

struct octets read_octets(struct octet_reader *reader, size_t count)
{
    struct octets taken;

    if (reader->failed || count > reader->left.length) {
        reader->failed = true;
        return octets_of(NULL, 0);
    }
    taken = octets_front(reader->left, count);
    reader->left = octets_after(reader->left, count);
    return taken;
}

uint32_t read_number(struct octet_reader *reader, size_t width)
{
    struct octets taken = read_octets(reader, width);
    uint32_t number = 0;

    for (size_t i = 0; i < taken.length; i++)
        number = number << 8 | taken.at[i];
    return number;
}

uint8_t read_octet(struct octet_reader *reader)
{
    return (uint8_t)read_number(reader, 1);
}

void write_octets(struct octet_writer *writer, struct octets octets)
{
    if (writer->failed || octets.length > writer->size - writer->length) {
        writer->failed = true;
        return;
    }
    octets_copy(writer->at + writer->length, octets);
    writer->length += octets.length;
}

void write_number(struct octet_writer *writer, uint32_t number, size_t width)
{
    uint8_t octets[4];

    for (size_t i = 0; i < width; i++)
        octets[i] = (uint8_t)(number >> 8 * (width - 1 - i));
    write_octets(writer, octets_of(octets, width));
}

void write_octet(struct octet_writer *writer, uint8_t octet)
{
    write_octets(writer, octets_of(&octet, 1));
}
