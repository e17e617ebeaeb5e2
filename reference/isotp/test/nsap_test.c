#include "nsap.h"

#include "expect.h"

static const struct {
    const char *octets;
    struct nsap_inet inet;
} vectors[] = {
    {"54 00728722 03 127000000001",
     {.address = {127, 0, 0, 1}, .port = 102, .set = NSAP_SET_TCP}},
    {"54 00728722 03 127000000001 01102f",
     {.address = {127, 0, 0, 1}, .has_port = true, .port = 1102, .set = NSAP_SET_TCP}},
    {"54 00728722 03 127000000001 0110200001",
     {.address = {127, 0, 0, 1},
      .has_port = true,
      .has_set = true,
      .port = 1102,
      .set = NSAP_SET_TCP}},
    {"54 00728722 03 127000000001 0110200002",
     {.address = {127, 0, 0, 1},
      .has_port = true,
      .has_set = true,
      .port = 1102,
      .set = 2}},
    {"54 00728722 03 010000000006 0000900002",
     {.address = {10, 0, 0, 6},
      .has_port = true,
      .has_set = true,
      .port = 9,
      .set = 2}},
    {"54 00728722 03 010000000006 65535f",
     {.address = {10, 0, 0, 6}, .has_port = true, .port = 65535, .set = NSAP_SET_TCP}},
    {"54 00728722 03 255255255255 6553565535",
     {.address = {255, 255, 255, 255},
      .has_port = true,
      .has_set = true,
      .port = 65535,
      .set = 65535}},
    {"54 00728722 03 000000000000",
     {.address = {0, 0, 0, 0}, .port = 102, .set = NSAP_SET_TCP}},
};

static void test_vectors_are_read(void)
{
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const struct nsap_inet *wanted = &vectors[i].inet;
        struct nsap_inet inet;

        expect_about(vectors[i].octets);
        EXPECT_EQUAL(nsap_decode(hex(vectors[i].octets), &inet), NSAP_OK);
        CU_ASSERT(
            octets_equal(octets_of(inet.address, 4), octets_of(wanted->address, 4)));
        EXPECT_EQUAL(inet.has_port, wanted->has_port);
        EXPECT_EQUAL(inet.has_set, wanted->has_set);
        EXPECT_EQUAL(inet.port, wanted->port);
        EXPECT_EQUAL(inet.set, wanted->set);
    }
    expect_about(NULL);
}

static void test_vectors_are_written(void)
{
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        uint8_t room[NSAP_INET_MAX];
        struct octet_writer writer = {.at = room, .size = sizeof room};

        EXPECT_EQUAL(nsap_encode(&writer, &vectors[i].inet), NSAP_OK);
        EXPECT_OCTETS(octets_of(room, writer.length), vectors[i].octets);
    }
}

static const struct {
    const char *octets;
    enum nsap_error error;
} refused[] = {
    {"", NSAP_FOREIGN},
    {"54 00728722", NSAP_FOREIGN},
    {"54 00728722 01 127000000001", NSAP_FOREIGN},
    {"47 0005800000 127000000001", NSAP_FOREIGN},
    /* Counts of digits other than 12, 17 and 22. */
    {"54 00728722 03", NSAP_LENGTH},
    {"54 00728722 03 12700000000f", NSAP_LENGTH},
    {"54 00728722 03 127000000001 01", NSAP_LENGTH},
    {"54 00728722 03 127000000001 011021", NSAP_LENGTH},
    {"54 00728722 03 127000000001 01102000", NSAP_LENGTH},
    {"54 00728722 03 127000000001 011020000f", NSAP_LENGTH},
    {"54 00728722 03 127000000001 0110200001 00", NSAP_LENGTH},
    /* Half octets that are no digits. */
    {"54 00728722 03 12700000000a", NSAP_DIGIT},
    {"54 00728722 03 f27000000001", NSAP_DIGIT},
    {"54 00728722 03 0a7000000001", NSAP_DIGIT},
    {"54 00728722 03 127000000001 0110ff", NSAP_DIGIT},
    {"54 00728722 03 127000000001 f1102f", NSAP_DIGIT},
    {"54 00728722 03 127000000001 01102b0001", NSAP_DIGIT},
    /* Numbers that are too large. */
    {"54 00728722 03 256000000001", NSAP_ADDRESS},
    {"54 00728722 03 127000000999", NSAP_ADDRESS},
    {"54 00728722 03 127000000001 65536f", NSAP_RANGE},
    {"54 00728722 03 127000000001 9999900001", NSAP_RANGE},
    {"54 00728722 03 127000000001 0110265536", NSAP_RANGE},
};

static void test_others_are_refused(void)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct nsap_inet inet;

        expect_about(refused[i].octets);
        EXPECT_EQUAL(nsap_decode(hex(refused[i].octets), &inet), refused[i].error);
    }
    expect_about(NULL);
}

static void test_too_little_room_is_said(void)
{
    const struct nsap_inet inet = {.has_port = true, .has_set = true};

    for (size_t size = 0; size < NSAP_INET_MAX; size++) {
        uint8_t room[NSAP_INET_MAX];
        struct octet_writer writer = {.at = room, .size = size};

        EXPECT_EQUAL(nsap_encode(&writer, &inet), NSAP_ROOM);
    }
}

CU_TestInfo nsap_tests[] = {
    {"vectors are read", test_vectors_are_read},
    {"vectors are written", test_vectors_are_written},
    {"others are refused", test_others_are_refused},
    {"too little room is said", test_too_little_room_is_said},
    CU_TEST_INFO_NULL,
};
