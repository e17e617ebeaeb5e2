#include "tsdu_queue.h"

/* The memory is a ring of records: a header, which is the length and a bit that says
 * "complete", and the octets of a TSDU. Only the newest record can be incomplete. */
enum { HEADER = 4 };
#define HEADER_COMPLETE 0x80000000u

void tsdu_queue_init(struct tsdu_queue *queue, uint8_t *memory, size_t capacity)
{
    *queue = (struct tsdu_queue){.memory = memory, .capacity = capacity};
}

static size_t wrap(const struct tsdu_queue *queue, size_t position)
{
    return position < queue->capacity ? position : position - queue->capacity;
}

static void ring_write(struct tsdu_queue *queue, size_t position, struct octets octets)
{
    struct octets until_end = octets_front(octets, queue->capacity - position);

    octets_copy(queue->memory + position, until_end);
    octets_copy(queue->memory, octets_after(octets, until_end.length));
}

static void
ring_read(const struct tsdu_queue *queue, size_t position, uint8_t *to, size_t count)
{
    struct octets ring = octets_of(queue->memory, queue->capacity);
    struct octets until_end = octets_front(octets_after(ring, position), count);

    octets_copy(to, until_end);
    if (until_end.length < count)
        octets_copy(to + until_end.length,
                    octets_front(ring, count - until_end.length));
}

static void write_header(struct tsdu_queue *queue, size_t position, uint32_t header)
{
    uint8_t octets[HEADER];
    struct octet_writer writer = {.at = octets, .size = HEADER};

    write_number(&writer, header, HEADER);
    ring_write(queue, position, octets_of(octets, HEADER));
}

static uint32_t read_header(const struct tsdu_queue *queue, size_t position)
{
    uint8_t octets[HEADER] = {0};
    struct octet_reader reader = {.left = octets_of(octets, HEADER)};

    ring_read(queue, position, octets, HEADER);
    return read_number(&reader, HEADER);
}

size_t tsdu_queue_room(const struct tsdu_queue *queue)
{
    size_t free = queue->capacity - queue->used;
    /* A TSDU that begins among those octets brought more than HEADER octets of its own
     * along, its TPKT and DT; but those of the first may have come earlier. */
    size_t reserve = queue->has_open ? 0 : HEADER;

    return free > reserve ? free - reserve : 0;
}

bool tsdu_queue_put(struct tsdu_queue *queue, struct octets data, bool last)
{
    size_t overhead = queue->has_open ? 0 : HEADER;
    size_t free = queue->capacity - queue->used;
    uint32_t header;

    if (free < overhead || free - overhead < data.length)
        return false;
    if (!queue->has_open) {
        queue->open = wrap(queue, queue->first + queue->used);
        queue->used += HEADER;
        write_header(queue, queue->open, 0);
    }
    header = read_header(queue, queue->open) + (uint32_t)data.length;
    write_header(queue, queue->open, last ? header | HEADER_COMPLETE : header);
    ring_write(queue, wrap(queue, queue->first + queue->used), data);
    queue->used += data.length;
    queue->has_open = !last;
    return true;
}

bool tsdu_queue_front(const struct tsdu_queue *queue, struct tsdu_front *front)
{
    uint32_t header;

    *front = (struct tsdu_front){0};
    if (queue->used == 0)
        return false;
    header = read_header(queue, queue->first);
    front->length = header & ~HEADER_COMPLETE;
    front->complete = header & HEADER_COMPLETE;
    return true;
}

size_t
tsdu_queue_copy(const struct tsdu_queue *queue, size_t offset, uint8_t *to, size_t size)
{
    struct tsdu_front front;

    tsdu_queue_front(queue, &front);
    if (offset >= front.length)
        return 0;
    if (size > front.length - offset)
        size = front.length - offset;
    ring_read(
        queue, wrap(queue, wrap(queue, queue->first + HEADER) + offset), to, size);
    return size;
}

void tsdu_queue_drop(struct tsdu_queue *queue, size_t count)
{
    struct tsdu_front front;

    if (!tsdu_queue_front(queue, &front))
        return;
    if (count > front.length)
        count = front.length;
    front.length -= count;
    if (front.complete && front.length == 0)
        count += HEADER;
    queue->used -= count;
    queue->first = wrap(queue, queue->first + count);
    if (front.complete && front.length == 0)
        return;
    /* What is left gets a header of its own, over octets that are gone. */
    if (!front.complete)
        queue->open = queue->first;
    write_header(queue,
                 queue->first,
                 (uint32_t)front.length | (front.complete ? HEADER_COMPLETE : 0));
}
