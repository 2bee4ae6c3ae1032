from __future__ import annotations

import apps.common.ids
import apps.common.models
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0012_product_facts'),
        ('markets', '0002_rule_book'),
        ('merchants', '0003_suspension'),
    ]

    operations = [
        migrations.CreateModel(
            name='ListingText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', apps.common.models.PublicIdField(default=apps.common.ids.PublicIdDefault('ltx'), editable=False, max_length=32, prefix='ltx', unique=True)),
                ('field', models.CharField(choices=[('title', 'Title'), ('description', 'Description')], max_length=12, verbose_name='field')),
                ('value', models.TextField(verbose_name='text')),
                ('source_was', models.TextField(blank=True, verbose_name='the source then')),
                ('market', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='markets.market')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='listing_texts', to='catalog.product')),
            ],
        ),
        migrations.CreateModel(
            name='ProductText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('locale', apps.common.models.ExactCharField(max_length=12, verbose_name='language')),
                ('title', models.CharField(blank=True, max_length=200, verbose_name='title')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='texts', to='catalog.product')),
            ],
        ),
        migrations.AddConstraint(
            model_name='listingtext',
            constraint=models.UniqueConstraint(fields=('product', 'market', 'field'), name='listing_text_once'),
        ),
        migrations.AddConstraint(
            model_name='listingtext',
            constraint=models.CheckConstraint(condition=models.Q(('field__in', ['title', 'description'])), name='listing_text_field'),
        ),
        migrations.AddConstraint(
            model_name='producttext',
            constraint=models.UniqueConstraint(fields=('product', 'locale'), name='product_text_once'),
        ),
        migrations.AddConstraint(
            model_name='producttext',
            constraint=models.CheckConstraint(condition=models.Q(('locale', ''), _negated=True), name='product_text_locale'),
        ),
    
    ]
