#include "parts.h"

#include "json.h"

#include <CUnit/CUnit.h>
#include <CUnit/TestDB.h>

#include <string.h>

#define ASSERT_STRING(value, expected) \
    do { \
        char buffer[256] = ""; \
        struct text out = TEXT_IN(buffer); \
\
        json_string(&out, (value)); \
        CU_ASSERT_STRING_EQUAL(buffer, (expected)); \
    } while (0)

static void quotes_and_backslashes_are_escaped(void)
{
    ASSERT_STRING("", "\"\"");
    ASSERT_STRING("plain / text", "\"plain / text\"");
    ASSERT_STRING("say \"no\"", "\"say \\\"no\\\"\"");
    ASSERT_STRING("Z:\\a\\b.dll", "\"Z:\\\\a\\\\b.dll\"");
}

static void control_characters_are_escaped(void)
{
    ASSERT_STRING("a\nb\tc\rd", "\"a\\nb\\tc\\rd\"");
    ASSERT_STRING("\b\f", "\"\\b\\f\"");
    ASSERT_STRING("\x01\x1F\x7F", "\"\\u0001\\u001f\\u007f\"");
}

static void utf8_is_kept(void)
{
    ASSERT_STRING("gr\xC3\xBC\xC3\x9F", "\"gr\xC3\xBC\xC3\x9F\"");
    ASSERT_STRING("\xE2\x82\xAC", "\"\xE2\x82\xAC\"");
    ASSERT_STRING("\xF0\x9F\x98\x80", "\"\xF0\x9F\x98\x80\"");
}

static void other_bytes_are_replaced(void)
{
    ASSERT_STRING("\xFF", "\"\\ufffd\"");
    ASSERT_STRING("a\xC3", "\"a\\ufffd\"");
    ASSERT_STRING("\xC0\xAF", "\"\\ufffd\\ufffd\"");
    ASSERT_STRING("\xE2\x82", "\"\\ufffd\\ufffd\"");
    /* A surrogate, and beyond the last code point. */
    ASSERT_STRING("\xED\xA0\x80", "\"\\ufffd\\ufffd\\ufffd\"");
    ASSERT_STRING("\xF4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
}

static void members_are_separated(void)
{
    char buffer[256] = "";
    struct text out = TEXT_IN(buffer);

    text_add(&out, "{");
    json_member(&out, "a", "x{");
    json_number(&out, "b", 3);
    json_number(&out, "c", 0.25);
    json_words(&out, "d", " RD-1  RD-2 ");
    json_words(&out, "e", "");
    text_add(&out, "}");
    CU_ASSERT_STRING_EQUAL(
        buffer, "{\"a\":\"x{\",\"b\":3,\"c\":0.25,\"d\":[\"RD-1\",\"RD-2\"],\"e\":[]}");
}

static void what_does_not_fit_is_cut_off(void)
{
    char buffer[8] = "";
    struct text out = TEXT_IN(buffer);

    text_add(&out, "%s", "0123456789");
    CU_ASSERT_STRING_EQUAL(buffer, "0123456");
    text_add(&out, "more");
    text_add_byte(&out, '!');
    CU_ASSERT_STRING_EQUAL(buffer, "0123456");
    CU_ASSERT_EQUAL(out.size, strlen(buffer));
}

void add_json_suite(void)
{
    CU_pSuite suite = CU_add_suite("JSON", NULL, NULL);

    CU_add_test(suite,
                "quotes and backslashes are escaped",
                quotes_and_backslashes_are_escaped);
    CU_add_test(
        suite, "control characters are escaped", control_characters_are_escaped);
    CU_add_test(suite, "UTF-8 is kept", utf8_is_kept);
    CU_add_test(suite, "other bytes are replaced", other_bytes_are_replaced);
    CU_add_test(suite, "members are separated", members_are_separated);
    CU_add_test(suite, "what does not fit is cut off", what_does_not_fit_is_cut_off);
}
