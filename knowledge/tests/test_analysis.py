from knowledge.analysis import terms


def test_english_and_russian_words_meet_their_inflections() -> None:
    assert terms("Resetting passwords") == terms("reset password")
    assert terms("настройками учётной") == terms("Настройки учетная")


def test_codes_are_kept_whole_beside_their_parts() -> None:
    assert "e-104" in terms("What does E-104 mean?")
    assert "802.11" in terms("Wi-Fi 802.11")
    assert {"database", "url"} & set(terms("DATABASE_URL")) or "database_url" in terms(
        "DATABASE_URL"
    )
    assert "database_url" in terms("set DATABASE_URL first")


def test_scripts_without_spaces_give_pairs() -> None:
    assert terms("東京都") == ["東京", "京都"]


def test_what_carries_no_word_gives_no_term() -> None:
    assert terms(" — … !!! \n") == []
